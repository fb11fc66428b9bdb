// Training that goes on and on takes no more memory.
#include <malloc.h>

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "tests/backends/recording_backend.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

struct Memory {
    std::size_t tensors;
    std::uint64_t asked;  // of the plugin, how often
    std::size_t heap;     // bytes in use of the C library's heap: 0 under a sanitizer, which has its own
};

Memory memory_of(const Backend& backend) {
    return {backend.bytes_in_use(), backend.plugin_allocations(), mallinfo2().uordblks};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties_many_steps)

BOOST_AUTO_TEST_CASE(ten_thousand_steps_take_the_memory_of_a_hundred) {
    const std::vector<std::string> gat = {
        R"(model=[{"type": "gat", "out_features": 4, "heads": 2, "dropout": 0.5, "attention_dropout": 0.5},
                  {"type": "elu"}, {"type": "gat", "out_features": "classes"}])"};
    for (const std::string name : {"reference", "simd"}) {
        Run run(complete(gat), two_classes(),
                open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_" + name + ".so"));
        Memory settled{};
        for (int step = 0; step < 10'000; ++step) {
            const double loss = train_step(*run.model, *run.optimizer, run.data, run.options, step);
            BOOST_TEST_REQUIRE(std::isfinite(loss));
            if (step == 99) settled = memory_of(*run.backend);
        }
        const Memory now = memory_of(*run.backend);
        BOOST_TEST_MESSAGE("backend " << name << ", after 100 and after 10,000 steps: " << settled.tensors << " and "
                                      << now.tensors << " bytes of tensors, " << settled.heap << " and " << now.heap
                                      << " bytes of the heap");
        BOOST_TEST(now.tensors == settled.tensors, "backend " << name);
        BOOST_TEST(now.asked == settled.asked, "backend " << name);
        BOOST_TEST(now.heap <= settled.heap + 1024, "backend " << name << ": 9,900 steps of 1 byte would be more");
    }
}

// With evaluation, early stopping, the best weights and copies for checkpoints; where there are recorded steps, with
// these.
BOOST_AUTO_TEST_CASE(ten_thousand_epochs_take_the_tensors_of_a_hundred) {
    std::vector<std::pair<std::string, int>> backends = {{"lib/libtapegrad_backend_reference.so", 10'000},
                                                         {"lib/libtapegrad_backend_simd.so", 10'000}};
    if (std::filesystem::exists(recording_backend_file))
        backends.emplace_back("cuda_on_host/libtapegrad_backend_cuda_on_host.so", 300);
    for (const auto& [file, epochs] : backends) {
        Run run(complete({"training.epochs=100000",
                          R"(training.early_stopping={"rule": "lowest_loss", "patience": 100000})"}),
                two_classes(), open_backend(TAPEGRAD_BINARY_DIR "/" + file));
        Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
        TrainerState kept;
        Memory settled{};
        while (trainer.epochs() < epochs) {
            trainer.run_epoch();
            if (trainer.epochs() % 50 == 0) kept = trainer.state();
            if (trainer.epochs() == 100) settled = memory_of(*run.backend);
        }
        const Memory now = memory_of(*run.backend);
        BOOST_TEST(now.tensors == settled.tensors, file);
        BOOST_TEST(now.asked == settled.asked, file);
    }
}

BOOST_AUTO_TEST_SUITE_END()
