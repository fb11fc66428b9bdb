#include "tools/comparisons/run_record.hpp"

#include <fmt/format.h>

#include <system_error>

#include "autograd/errors.hpp"
#include "tools/training/metrics_log.hpp"
#include "tools/training/run_folder.hpp"
#include "tools/training/run_result.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

// A run counts without its curves too.
void read_epochs(RunRecord& run) {
    const fs::path file = run.folder / "metrics.jsonl";
    try {
        run.epochs = read_metrics(file);
    } catch (const Error& fault) {
        run.remark = fmt::format("{} has no curves: {}", run.folder.string(), fault.what());
        return;
    }
    const auto epochs = run.result.find("epochs");
    if (epochs == run.result.end() || !epochs->is_number_integer()) return;
    if (epochs->get<std::int64_t>() > static_cast<std::int64_t>(run.epochs.size()))
        run.remark = fmt::format("{} was cut: it holds {} of {} epochs", file.string(), run.epochs.size(),
                                 epochs->get<std::int64_t>());
}

}  // namespace

bool holds_run(const fs::path& folder) { return is_file(folder / "config.json"); }

RunRecord read_run(const fs::path& folder) {
    RunRecord run{.folder = folder,
                  .config = config_of_run(folder),
                  .description = read_run_description(folder),
                  .result = read_result(folder, {"seed"}),
                  .seed = 0,
                  .epochs = {},
                  .remark = {}};
    if (!run.config.is_object())
        throw DataError((folder / "config.json").string(), "an object", "something else", "Train anew");
    run.seed = run.result["seed"].get<std::int64_t>();
    read_epochs(run);
    return run;
}

}  // namespace tapegrad
