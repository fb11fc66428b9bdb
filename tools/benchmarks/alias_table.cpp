#include "tools/benchmarks/alias_table.hpp"

#include <algorithm>
#include <numeric>

namespace tapegrad {

AliasTable::AliasTable(std::vector<double> weights) {
    const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / static_cast<double>(weights.size());
    std::vector<std::int32_t> light, heavy;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        weights[i] /= mean;
        columns_.push_back({std::uint64_t{1} << 32, static_cast<std::int32_t>(i), static_cast<std::int32_t>(i)});
        (weights[i] < 1 ? light : heavy).push_back(static_cast<std::int32_t>(i));
    }
    // A light number leaves the top of its column to a heavy one, which becomes lighter by that. What is left at the
    // end differs from 1 by rounding alone and keeps its whole column.
    while (!light.empty() && !heavy.empty()) {
        const auto low = static_cast<std::size_t>(light.back()), high = static_cast<std::size_t>(heavy.back());
        light.pop_back();
        columns_[low].threshold = static_cast<std::uint64_t>(weights[low] * 0x1p32);
        columns_[low].other = static_cast<std::int32_t>(high);
        weights[high] -= 1 - weights[low];
        if (weights[high] < 1) {
            heavy.pop_back();
            light.push_back(static_cast<std::int32_t>(high));
        }
    }
}

}  // namespace tapegrad
