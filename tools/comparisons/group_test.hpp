// Whether two groups of runs differ by more than chance.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/common/significance.hpp"
#include "tools/comparisons/run_metric.hpp"

namespace tapegrad {

struct GroupTest {
    std::size_t first_count, second_count;  ///< runs
    std::size_t pairs;                      ///< of equal seed; 0 where the test is not paired
    double difference;                      ///< mean of the second group minus that of the first, of pairs where paired
    std::optional<DifferenceTest> test;     ///< paired t-test or Welch's; none with less than two runs on a side
    std::optional<double> wilcoxon;         ///< p of the signed-rank test, where paired
    double p = 1;                           ///< of `test`, Holm-corrected where there are several tests
};

/// Pairs runs by their seed if at least two seeds, and at least half of those of the smaller group, are in both; runs
/// without a partner do not count then. Otherwise all runs count, unpaired. Both by seed, not empty.
GroupTest test_difference(std::span<const SeedValue> first, std::span<const SeedValue> second);

/// Each group against the first, with p corrected for their number.
std::vector<GroupTest> test_against_first(std::span<const std::vector<SeedValue>> groups);

/// "p = 0.0004", "p < 0.0001".
std::string p_text(double p);

/// What a test says, in a sentence. `tests` is how many there are.
std::string in_words(const GroupTest& test, const std::string& first, const std::string& second,
                     const RunMetric& metric, std::size_t tests);

}  // namespace tapegrad
