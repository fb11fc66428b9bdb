// Where the values of a config came from, so that an error can say so.
#pragma once

#include <map>
#include <string>

namespace tapegrad {

/// The file or option that each part of a config came from.
class ConfigSources {
public:
    /// Everything came from `source`.
    explicit ConfigSources(std::string source) : sources_{{"", std::move(source)}} {}

    /// What stands at `path` ("training.epochs"), and below it, comes from `source`.
    void set(const std::string& path, const std::string& source);
    /// Where `path` came from, or else what is around it.
    const std::string& of(std::string path) const;

private:
    std::map<std::string, std::string> sources_;  // by path
};

}  // namespace tapegrad
