#include "tools/comparisons/run_record.hpp"

#include <fmt/format.h>

#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/training/metrics_log.hpp"
#include "tools/training/run_folder.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_file(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error);
}

json read_result(const fs::path& file) {
    json result;
    try {
        result = json::parse(read_file(file));
    } catch (const json::exception& fault) {
        throw DataError(file.string(), "the JSON that tools/train wrote", fault.what(),
                        "Remove it and go on with tools/train --resume");
    }
    if (!result.is_object() || !result.contains("seed") || !result["seed"].is_number_integer())
        throw DataError(file.string(), "an object with a seed", "something else",
                        "Remove it and go on with tools/train --resume");
    return result;
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

bool has_ended(const fs::path& folder) { return is_file(folder / "result.json"); }

RunRecord read_run(const fs::path& folder) {
    RunRecord run{.folder = folder,
                  .config = config_of_run(folder),
                  .description = read_run_description(folder),
                  .result = read_result(folder / "result.json"),
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
