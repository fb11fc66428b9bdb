#include "tools/comparisons/group_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/common/statistics.hpp"

namespace tapegrad {
namespace {

constexpr double level = 0.05;
// Of 5 pairs, all with one sign, the signed-rank test gives 2 / 2^5, which is above the level.
constexpr std::size_t least_pairs_for_wilcoxon = 6;

std::vector<double> numbers(std::span<const SeedValue> values) {
    std::vector<double> result;
    for (const SeedValue& value : values) result.push_back(value.value);
    return result;
}

struct Pairs {
    std::vector<double> first, second;
};

Pairs pairs_of(std::span<const SeedValue> first, std::span<const SeedValue> second) {
    Pairs pairs;
    for (const SeedValue& one : first) {
        const auto other = std::ranges::find(second, one.seed, &SeedValue::seed);
        if (other == second.end()) continue;
        pairs.first.push_back(one.value);
        pairs.second.push_back(other->value);
    }
    return pairs;
}

std::string runs_text(std::size_t count) { return count == 1 ? "one run" : fmt::format("{} runs", count); }

std::string how_tested(const GroupTest& test) {
    return test.pairs > 0 ? fmt::format("paired over {} seeds", test.pairs)
                          : fmt::format("{} and {} runs, not paired", test.first_count, test.second_count);
}

// What stands behind a sentence in parentheses; `sign` turns the interval as the sentence names the groups.
std::string evidence(const GroupTest& test, double sign, const RunMetric& metric, std::size_t tests) {
    const double a = sign * test.test->interval.lower, b = sign * test.test->interval.upper;
    return fmt::format("95 % interval {} to {}{}, {}, {}{}", metric.number(std::min(a, b)),
                       metric.number(std::max(a, b)), tests > 1 ? " for this difference alone" : "", how_tested(test),
                       p_text(test.p), tests > 1 ? fmt::format(" after Holm's correction for {} tests", tests) : "");
}

std::string untested(const GroupTest& test, const std::string& first, const std::string& second,
                     const RunMetric& metric) {
    const std::string difference = fmt::format("{} minus {} is {}", second, first, metric.difference(test.difference));
    if (test.first_count == 1 && test.second_count == 1)
        return fmt::format("{}, with one seed each: that tells nothing about significance. Train several seeds.",
                           difference);
    return fmt::format("{}, with {} and {}: a test needs at least two of each. Train more seeds.", difference,
                       runs_text(test.second_count), runs_text(test.first_count));
}

std::string without_spread(const GroupTest& test, const std::string& leader, const std::string& other, bool equal,
                           const char* word, const RunMetric& metric) {
    const std::string where =
        test.pairs > 0 ? fmt::format("in each of {} pairs of equal seed", test.pairs) : "in all runs";
    if (equal) return fmt::format("{} and {} have the same {} {}.", leader, other, metric.name, where);
    return fmt::format("{} is {} than {} by {} {}.", leader, word, other, metric.difference(std::abs(test.difference)),
                       where);
}

// Where the test that needs no normal distribution comes to another result.
std::string doubt(const GroupTest& test, std::size_t tests) {
    if (!test.wilcoxon || test.pairs < least_pairs_for_wilcoxon) return "";
    if (test.p < level ? *test.wilcoxon < level : *test.wilcoxon >= level || tests > 1) return "";
    return fmt::format(" Wilcoxon's signed-rank test does not agree ({}): look at the single runs.",
                       p_text(*test.wilcoxon));
}

}  // namespace

GroupTest test_difference(std::span<const SeedValue> first, std::span<const SeedValue> second) {
    GroupTest result{.first_count = first.size(),
                     .second_count = second.size(),
                     .pairs = 0,
                     .difference = mean(numbers(second)) - mean(numbers(first)),
                     .test = {},
                     .wilcoxon = {}};
    const Pairs pairs = pairs_of(first, second);
    const std::size_t count = pairs.first.size();
    if (count >= 2 && 2 * count >= std::min(first.size(), second.size())) {
        result.pairs = count;
        result.test = paired_t_test(pairs.second, pairs.first);
        result.wilcoxon = wilcoxon_signed_rank(pairs.second, pairs.first);
    } else if (std::min(first.size(), second.size()) >= 2) {
        result.test = welch_t_test(numbers(second), numbers(first));
    }
    if (result.test) {
        result.difference = result.test->difference;
        result.p = result.test->p;
    }
    return result;
}

std::vector<GroupTest> test_against_first(std::span<const std::vector<SeedValue>> groups) {
    std::vector<GroupTest> tests;
    std::vector<double> p;
    for (const std::vector<SeedValue>& group : groups.subspan(1)) {
        tests.push_back(test_difference(groups[0], group));
        if (tests.back().test) p.push_back(tests.back().p);
    }
    const std::vector<double> corrected = holm_corrected(p);
    auto next = corrected.begin();
    for (GroupTest& test : tests)
        if (test.test) test.p = *next++;
    return tests;
}

std::string p_text(double p) {
    if (p < 0.0001) return "p < 0.0001";
    return fmt::format("p = {:.{}f}", p, p < 0.01 ? 4 : p < 0.1 ? 3 : 2);
}

std::string in_words(const GroupTest& test, const std::string& first, const std::string& second,
                     const RunMetric& metric, std::size_t tests) {
    if (!test.test) return untested(test, first, second, metric);
    const bool second_leads = metric.better == Better::lower ? test.difference < 0 : test.difference > 0;
    const std::string& leader = second_leads ? second : first;
    const std::string& other = second_leads ? first : second;
    const char* word = metric.better == Better::neither ? "higher" : "better";
    if (!test.test->has_spread()) return without_spread(test, leader, other, test.difference == 0, word, metric);
    if (test.p >= level)
        return fmt::format("No difference can be told between {} and {}: {} minus {} is {} ({}).{}", first, second,
                           second, first, metric.difference(test.difference), evidence(test, 1, metric, tests),
                           doubt(test, tests));
    const double sign = test.difference < 0 ? -1 : 1;
    return fmt::format("{} is {} than {} by {} ({}).{}", leader, word, other,
                       metric.difference(std::abs(test.difference)), evidence(test, sign, metric, tests),
                       doubt(test, tests));
}

}  // namespace tapegrad
