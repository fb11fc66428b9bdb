#include "tools/configs/config_arguments.hpp"

#include <filesystem>

#include "nn/extension.hpp"
#include "tools/configs/config.hpp"

namespace tapegrad {

namespace fs = std::filesystem;
using nlohmann::json;

MergedConfig merge_arguments(const ConfigArguments& arguments, UsageErrors& errors) {
    MergedConfig merged = merge_configs(arguments.files);
    json& config = merged.config;
    ConfigSources& sources = merged.sources;
    for (const std::string& assignment : arguments.assignments)
        errors.collect([&] { sources.set(set_value(config, assignment), "--set " + assignment); });
    resolve_paths(config, fs::absolute(arguments.files[0]).parent_path());

    const bool is_path = arguments.backend.find('/') != std::string::npos;
    if (!arguments.backend.empty())
        config["backend"] = is_path ? fs::absolute(arguments.backend).string() : arguments.backend;
    if (arguments.threads) config["threads"] = *arguments.threads;
    if (arguments.seed) config["seed"] = *arguments.seed;
    if (arguments.threads) sources.set("threads", "--threads");
    if (arguments.seed) sources.set("seed", "--seed");

    json& extensions = config.emplace("extensions", json::array()).first.value();
    if (extensions.is_array()) {
        for (const std::string& library : arguments.libraries) extensions.push_back(fs::absolute(library).string());
        for (const json& library : extensions)
            if (library.is_string()) load_extension(library.get<std::string>());
    }
    return merged;
}

json complete_arguments(const ConfigArguments& arguments) {
    UsageErrors errors;
    MergedConfig merged = merge_arguments(arguments, errors);
    errors.collect([&] { complete_config(merged.config, merged.sources); });
    errors.throw_if_any();
    return merged.config;
}

}  // namespace tapegrad
