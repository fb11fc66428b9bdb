// What the checks of a plugin found.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// What one check found. It passes when there are no faults.
struct Report {
    std::string subject;  ///< "op add", "kernel fill", "memory"
    std::int64_t cases = 0;
    double worst_error = 0;                       ///< over what rounding allows; at most 1 where all is right
    std::string worst_case{};                     ///< where that was
    std::vector<std::string> faults{};            ///< one sentence each
    std::map<std::string, std::string> ran_by{};  ///< by dtype: "native", "direct", "composed", "missing"
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Report, subject, cases, worst_error, worst_case, faults, ran_by)

/// Called with what is done next, so that a crash can be told where it was.
using Progress = std::function<void(const std::string& what)>;

}  // namespace tapegrad
