#include "tools/configs/config_sources.hpp"

namespace tapegrad {

void ConfigSources::set(const std::string& path, const std::string& source) {
    const std::string below = path + ".";
    std::erase_if(sources_, [&](const auto& entry) { return entry.first.starts_with(below); });
    sources_[path] = source;
}

const std::string& ConfigSources::of(std::string path) const {
    while (!sources_.contains(path)) {
        const std::size_t dot = path.rfind('.');
        path.resize(dot == std::string::npos ? 0 : dot);
    }
    return sources_.at(path);
}

}  // namespace tapegrad
