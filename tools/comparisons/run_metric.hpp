// A number of result.json: which there are, how they are written, and what is better.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/comparisons/run_group.hpp"

namespace tapegrad {

enum class Better { higher, lower, neither };

struct RunMetric {
    std::string name;  ///< in result.json
    Better better;
    double factor;  ///< from result.json to what is written: 100 for accuracies, which are fractions
    int decimals;
    std::string unit;             ///< of a value: " %", " s", ""
    std::string difference_unit;  ///< of a difference: " points"

    std::string value(double value) const;       ///< "82.81 %"
    std::string number(double value) const;      ///< "82.81"
    std::string difference(double value) const;  ///< "0.41 points"
};

/// How numbers of that name are written, by the name alone.
RunMetric describe_metric(const std::string& name);

/// The metric of that name. Throws ConfigError with the nearest name where no run has a number of it.
RunMetric find_metric(const std::string& name, std::span<const RunGroup> groups);

struct SeedValue {
    std::int64_t seed;
    double value;
};

/// The values of a group by seed. A run that has none, or none that is finite, goes into `left_out`.
std::vector<SeedValue> values_of(const RunGroup& group, const RunMetric& metric, std::vector<LeftOut>& left_out);

}  // namespace tapegrad
