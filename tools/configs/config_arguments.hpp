// The config that a command line says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/common/usage_errors.hpp"
#include "tools/configs/merge.hpp"

namespace tapegrad {

struct ConfigArguments {
    std::vector<std::string> files;        ///< at least one
    std::vector<std::string> assignments;  ///< of --set
    std::string backend;                   ///< of --backend, "" for that of the config
    std::optional<std::int64_t> threads, seed;
    std::vector<std::string> libraries;  ///< of --load
};

/// The files merged and changed, its extensions loaded, not yet complete. A --set that cannot be done is noted in
/// `errors`. Throws what reading a config and loading an extension throws.
MergedConfig merge_arguments(const ConfigArguments& arguments, UsageErrors& errors);

/// The same, complete and checked. Throws WrongUsage that tells all that is wrong.
nlohmann::json complete_arguments(const ConfigArguments& arguments);

}  // namespace tapegrad
