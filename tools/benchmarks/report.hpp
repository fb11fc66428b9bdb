// How benchmarks print what they measured.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tools/common/output.hpp"
#include "tools/common/statistics.hpp"

namespace tapegrad {

/// "median 1.150 ms, quartiles 1.140 to 1.201, minimum 1.130, 100 times" of seconds.
std::string milliseconds_text(const Spread& seconds);

/// A number with about four digits.
std::string digits(double value);

/// The members of a spread, each times `factor`.
nlohmann::json spread_json(const Spread& spread, double factor = 1);

}  // namespace tapegrad
