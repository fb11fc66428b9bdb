// The folder that a run leaves behind.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "tools/training/folder_lock.hpp"

namespace tapegrad {

/// Holds config.json, run.json, the metrics, checkpoints/, model.safetensors, result.json, report.html, and
/// explain.json where it was asked for. Each but the metrics, which grow line by line, is there whole or not at all.
/// One process at a time may have a folder open.
class RunFolder {
public:
    /// For a new run: makes `folder` if needed. Throws ConfigError when it cannot be written to, another process has
    /// it, or it already holds one of these files; with `overwrite` these are removed instead. What a start left behind
    /// that did not get as far as config.json is no run and always removed.
    RunFolder(const std::filesystem::path& folder, bool overwrite);
    /// A run that is gone on with. Throws ConfigError when it is no run folder or another process has it.
    explicit RunFolder(const std::filesystem::path& folder);

    const std::filesystem::path& path() const { return path_; }

    /// Writes config.json, with which a run can be gone on with: what that needs besides has to be there before. Throws
    /// ConfigError when it cannot be written.
    void write_config(const nlohmann::json& config) const;

    /// Writes result.json. Throws DataError when it cannot be written.
    void write_result(const nlohmann::json& result) const;
    /// Writes explain.json. Throws DataError when it cannot be written.
    void write_explanation(const nlohmann::json& explanation) const;

private:
    std::filesystem::path path_;
    FolderLock lock_;
};

/// Makes a folder and those around it if needed. Throws ConfigError when it cannot be made.
void make_output_folder(const std::filesystem::path& folder);

/// The config with which the run in a folder was begun. Throws ConfigError for a folder without one.
nlohmann::json config_of_run(const std::filesystem::path& folder);

/// Makes and returns the first of FOLDER, FOLDER-2, FOLDER-3, ... that does not exist. Throws ConfigError when it
/// cannot be made.
std::filesystem::path make_numbered_folder(const std::filesystem::path& folder);

}  // namespace tapegrad
