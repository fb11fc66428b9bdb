#include "autograd/grouping.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace {

void check_counts(std::int64_t groups, std::int64_t entries) {
    constexpr std::int64_t limit = std::numeric_limits<std::int32_t>::max();
    if (groups < 0 || groups >= limit || entries > limit)
        throw IndexError("make_grouping", fmt::format("from 0 to {} groups and entries", limit - 1),
                         fmt::format("{} groups and {} entries", groups, entries),
                         "check the number of groups or use a smaller index");
}

}  // namespace

Grouping make_grouping(const BackendPtr& backend, std::span<const std::int32_t> index, std::int64_t groups) {
    check_counts(groups, static_cast<std::int64_t>(index.size()));
    std::vector<std::int32_t> offsets(static_cast<std::size_t>(groups) + 1);
    for (std::size_t entry = 0; entry < index.size(); ++entry) {
        if (index[entry] < 0 || index[entry] >= groups)
            throw IndexError("make_grouping", fmt::format("indices from 0 to {}", groups - 1),
                             fmt::format("{} at entry {}", index[entry], entry),
                             "check the index or the number of groups");
        ++offsets[static_cast<std::size_t>(index[entry]) + 1];
    }
    for (std::size_t group = 1; group < offsets.size(); ++group) offsets[group] += offsets[group - 1];
    std::vector<std::int32_t> order(index.size());
    std::vector<std::int32_t> next(offsets.begin(), offsets.end() - 1);
    for (std::size_t entry = 0; entry < index.size(); ++entry)
        order[static_cast<std::size_t>(next[static_cast<std::size_t>(index[entry])]++)] =
            static_cast<std::int32_t>(entry);
    const auto length = static_cast<std::int64_t>(index.size());
    return {from_values(backend, {length}, index), from_values(backend, {length}, std::span<const std::int32_t>(order)),
            from_values(backend, {groups + 1}, std::span<const std::int32_t>(offsets))};
}

bool are_offsets(std::span<const std::int32_t> offsets, std::size_t entries) {
    return !offsets.empty() && offsets.front() == 0 && std::ranges::is_sorted(offsets) &&
           static_cast<std::size_t>(offsets.back()) == entries;
}

Grouping contiguous_grouping(const BackendPtr& backend, std::span<const std::int32_t> offsets) {
    const auto groups = static_cast<std::int64_t>(offsets.size()) - 1, entries = std::int64_t{offsets.back()};
    check_counts(groups, entries);
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(entries));
    for (std::int64_t group = 0; group < groups; ++group)
        std::fill(numbers.begin() + offsets[static_cast<std::size_t>(group)],
                  numbers.begin() + offsets[static_cast<std::size_t>(group) + 1], static_cast<std::int32_t>(group));
    const Tensor index = from_values(backend, {entries}, std::span<const std::int32_t>(numbers));
    std::iota(numbers.begin(), numbers.end(), 0);
    return {index, from_values(backend, {entries}, std::span<const std::int32_t>(numbers)),
            from_values(backend, {groups + 1}, offsets)};
}

}  // namespace tapegrad
