// The folder that a run leaves behind.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// Holds config.json, metrics.jsonl, model.safetensors and result.json, and explain.json where it was asked for. Each
/// but metrics.jsonl, which grows line by line, is there whole or not at all.
class RunFolder {
public:
    /// Makes `folder` if needed and writes config.json. Throws ConfigError when it cannot be written to, or already
    /// holds one of these files; with `overwrite` these are removed instead.
    RunFolder(const std::filesystem::path& folder, const nlohmann::json& config, bool overwrite);

    const std::filesystem::path& path() const { return path_; }

    /// Appends a line to metrics.jsonl. Throws DataError when it cannot be written.
    void add_metrics(const nlohmann::json& line);
    /// Writes result.json. Throws DataError when it cannot be written.
    void write_result(const nlohmann::json& result) const;
    /// Writes explain.json. Throws DataError when it cannot be written.
    void write_explanation(const nlohmann::json& explanation) const;

private:
    std::filesystem::path path_;
    std::ofstream metrics_;
};

/// Makes and returns the first of FOLDER, FOLDER-2, FOLDER-3, ... that does not exist. Throws ConfigError when it
/// cannot be made.
std::filesystem::path make_numbered_folder(const std::filesystem::path& folder);

}  // namespace tapegrad
