// A checkpoint whose checksum is right, whatever else it holds, and a training that goes on from it.
#include "tools/training/checkpoint.hpp"

#include "datasets/checksums.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// Puts the checksum of all bytes where the file says that it stands, so that a changed byte gets past it.
std::string with_checksum(std::string bytes) {
    const std::string key = R"("sha256":")";
    const std::size_t place = bytes.find(key), digits = 64;
    if (place == std::string::npos || place + key.size() + digits > bytes.size()) return bytes;
    bytes.replace(place + key.size(), digits, std::string(digits, '0'));
    return bytes.replace(place + key.size(), digits, sha256(bytes));
}

Run new_run() {
    return Run(complete({"training.early_stopping.patience=2", "training.epochs=6"}), two_classes(),
               reference_backend());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::filesystem::path file =
        file_with("checkpoint", with_checksum({reinterpret_cast<const char*>(data), size}));
    TrainerState state;
    if (!accepts([&] { state = load_checkpoint(reference_backend(), file); })) return 0;
    save_checkpoint(input_folder() / "again.checkpoint", state);
    load_checkpoint(reference_backend(), input_folder() / "again.checkpoint");
    accepts([&] {
        Run run = new_run();
        Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
        trainer.set_state(state, "checkpoint");
        while (!trainer.done()) trainer.run_epoch();
        trainer.finish();
    });
    return 0;
}
