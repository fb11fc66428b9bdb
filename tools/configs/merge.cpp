#include "tools/configs/merge.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/configs/config.hpp"

namespace tapegrad {

using nlohmann::json;

void merge_into(json& config, const json& change, const std::string& path, const std::string& source,
                ConfigSources& sources) {
    if (!config.is_object() || !change.is_object()) {
        config = change;
        sources.set(path, source);
        return;
    }
    for (const auto& [key, value] : change.items())
        merge_into(config[key], value, path.empty() ? key : path + "." + key, source, sources);
}

MergedConfig merge_configs(std::span<const std::string> files) {
    // A key that no file gives is missing in all of them.
    MergedConfig merged{json::object(), ConfigSources(fmt::format("{}", fmt::join(files, " + ")))};
    for (const std::string& file : files) {
        json config = read_config(file);
        resolve_paths(config, std::filesystem::absolute(file).parent_path());
        merge_into(merged.config, config, "", file, merged.sources);
    }
    return merged;
}

}  // namespace tapegrad
