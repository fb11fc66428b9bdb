#include "tools/training/run_folder.hpp"

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tools/common/shell_word.hpp"
#include "tools/configs/config.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

constexpr const char* run_files[] = {"config.json", "run.json",    "metrics.jsonl", "metrics.csv", "model.safetensors",
                                     "result.json", "report.html", "explain.json",  "checkpoints"};
constexpr std::string_view event_files = "events.out.tfevents.";

[[noreturn]] void not_writable(const fs::path& folder, const std::string& reason) {
    throw ConfigError(fmt::format("output folder {}", folder.string()), "a folder that can be written to", reason,
                      "Choose another with --out, or make it writable");
}

// What a folder holds of a run.
std::vector<fs::path> files_of_run(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const char* file : run_files)
        if (fs::exists(folder / file, error) || error) files.push_back(folder / file);
    for (const auto& entry : fs::directory_iterator(folder, error))
        if (entry.path().filename().string().starts_with(event_files)) files.push_back(entry.path());
    return files;
}

// Whether a start that did not get as far as config.json may have left this file behind.
bool comes_before_config(const fs::path& file) {
    if (file.filename() == "run.json") return true;
    if (file.filename() != "checkpoints") return false;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(file, error)) {
        const std::string name = entry.path().filename().string();
        if (name != "last.safetensors" && !name.starts_with("next.safetensors")) return false;
    }
    return !error;
}

void check_holds_no_run(const fs::path& folder) {
    std::vector<fs::path> files = files_of_run(folder);
    std::error_code error;
    if (!fs::exists(folder / "config.json", error) && !error) std::erase_if(files, comes_before_config);
    if (!files.empty())
        throw ConfigError(fmt::format("output folder {}", folder.string()), "one without a run",
                          fmt::format("one that holds {}", files.front().filename().string()),
                          fmt::format("Choose another with --out, give --overwrite to replace that run, or go on with "
                                      "it: --resume {}",
                                      shell_word(folder.string())));
}

const fs::path& made_ready(const fs::path& folder, bool overwrite) {
    make_output_folder(folder);
    if (!overwrite) check_holds_no_run(folder);
    return folder;
}

}  // namespace

void make_output_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) not_writable(folder, error.message());
}

RunFolder::RunFolder(const fs::path& folder, bool overwrite) : path_(made_ready(folder, overwrite)), lock_(folder) {
    if (!overwrite) check_holds_no_run(folder);  // another process may have trained in it before the lock
    for (const fs::path& file : files_of_run(folder)) {
        std::error_code error;
        fs::remove_all(file, error);
        if (error) not_writable(folder, error.message());
    }
}

void RunFolder::write_config(const nlohmann::json& config) const {
    try {
        write_file_durably(path_ / "config.json",
                           config.dump(4, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    } catch (const DataError&) {
        not_writable(path_, "one that refuses config.json");
    }
}

RunFolder::RunFolder(const fs::path& folder) : path_(folder), lock_((config_of_run(folder), folder)) {}

nlohmann::json config_of_run(const fs::path& folder) {
    std::error_code error;
    if (!fs::is_regular_file(folder / "config.json", error))
        throw ConfigError(fmt::format("run folder {}", folder.string()), "a folder that tools/train left behind",
                          fs::is_directory(folder, error) ? "one without config.json" : "no folder of that name",
                          "Check the path; runs/ holds the runs");
    return read_config(folder / "config.json");
}

void RunFolder::write_result(const nlohmann::json& result) const {
    write_file(path_ / "result.json", result.dump(4) + "\n");
}

void RunFolder::write_explanation(const nlohmann::json& explanation) const {
    write_file(path_ / "explain.json", explanation.dump(4) + "\n");
}

fs::path make_numbered_folder(const fs::path& folder) {
    make_output_folder(folder.parent_path());
    for (int number = 1;; ++number) {
        const fs::path numbered = number == 1 ? folder : fs::path(fmt::format("{}-{}", folder.string(), number));
        std::error_code error;
        if (fs::create_directory(numbered, error)) return numbered;
        if (error && error != std::errc::file_exists) not_writable(numbered, error.message());
    }
}

}  // namespace tapegrad
