// Several configs as one, each changing what those before it say.
#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "tools/configs/config_sources.hpp"

namespace tapegrad {

struct MergedConfig {
    nlohmann::json config;
    ConfigSources sources;
};

/// Reads the files and merges them from left to right: objects key by key; a list, a number, a string or null replaces
/// what was there. Paths are seen from the folder of the file that they came from. Throws as `read_config` does.
MergedConfig merge_configs(std::span<const std::string> files);

/// Puts `change` over `config`, which is at `path`, and notes what comes from `source` now.
void merge_into(nlohmann::json& config, const nlohmann::json& change, const std::string& path,
                const std::string& source, ConfigSources& sources);

}  // namespace tapegrad
