#include "tools/training/run_folder.hpp"

#include <fmt/format.h>

#include <system_error>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

constexpr const char* run_files[] = {"config.json", "metrics.jsonl", "model.safetensors",
                                     "result.json", "explain.json",  "run.json"};

[[noreturn]] void not_writable(const fs::path& folder, const std::string& reason) {
    throw ConfigError(fmt::format("output folder {}", folder.string()), "a folder that can be written to", reason,
                      "Choose another with --out, or make it writable");
}

void make_folders(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) not_writable(folder, error.message());
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder, const nlohmann::json& config, bool overwrite) : path_(folder) {
    make_folders(folder);
    std::error_code error;
    for (const char* file : run_files) {
        if (!fs::exists(folder / file, error) && !error) continue;
        if (!overwrite && !error)
            throw ConfigError(fmt::format("output folder {}", folder.string()), "one without a run",
                              fmt::format("one that holds {}", file),
                              "Choose another with --out, or give --overwrite to replace that run");
        if (!error) fs::remove(folder / file, error);
        if (error) not_writable(folder, error.message());
    }
    try {
        write_file(folder / "config.json", config.dump(4, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } catch (const DataError&) {
        not_writable(folder, "one that refuses config.json");
    }
    metrics_.open(folder / "metrics.jsonl");
}

void RunFolder::add_metrics(const nlohmann::json& line) {
    metrics_ << line.dump() << '\n' << std::flush;
    if (!metrics_)
        throw DataError((path_ / "metrics.jsonl").string(), "a file that can be written", "an error while writing",
                        "Check the free space");
}

void RunFolder::write_result(const nlohmann::json& result) const {
    write_file(path_ / "result.json", result.dump(4) + "\n");
}

void RunFolder::write_explanation(const nlohmann::json& explanation) const {
    write_file(path_ / "explain.json", explanation.dump(4) + "\n");
}

fs::path make_numbered_folder(const fs::path& folder) {
    make_folders(folder.parent_path());
    for (int number = 1;; ++number) {
        const fs::path numbered = number == 1 ? folder : fs::path(fmt::format("{}-{}", folder.string(), number));
        std::error_code error;
        if (fs::create_directory(numbered, error)) return numbered;
        if (error && error != std::errc::file_exists) not_writable(numbered, error.message());
    }
}

}  // namespace tapegrad
