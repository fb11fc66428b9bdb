// Segments of a grouping, walked by several threads.
#pragma once

#include "backends/simd/kernels/kernels.hpp"

namespace tapegrad::simd {

/// The entries of each segment, in order.
struct Segments {
    /// From the inputs `order` and, behind it, offsets.
    Segments(const tg_call& call, int order_input)
        : order(input<std::int32_t>(call, order_input)),
          offsets(input<std::int32_t>(call, order_input + 1)),
          count(call.inputs[order_input + 1].size - 1) {}

    std::span<const std::int32_t> order_of(std::int64_t segment) const {
        return {order + offsets[segment], order + offsets[segment + 1]};
    }

    const std::int32_t* order;
    const std::int32_t* offsets;
    std::int64_t count;
};

/// Longer sums are added up in pieces of this many entries, or those of a hub would lose digits.
inline constexpr std::int64_t summed_at_once = 64;

/// Calls compute(segment), or compute(segment, part), for all of them. Each thread gets about as many entries, however
/// long single segments are; `cost` is that of one entry, in simple operations.
template <class Compute>
void for_each_segment(const tg_context& context, const Segments& segments, std::int64_t cost, const Compute& compute) {
    // A unit of work is an entry or the end of a segment.
    const auto segment_at = [&](std::int64_t unit) {
        std::int64_t low = 0, high = segments.count;
        while (low < high) {
            const std::int64_t middle = (low + high) / 2;
            if (segments.offsets[middle] + middle < unit)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    };
    const std::int64_t units = segments.offsets[segments.count] + segments.count;
    parallel_for(context, units, cost, [&](std::int64_t begin, std::int64_t end, std::int64_t part) {
        const std::int64_t last = segment_at(end);
        for (std::int64_t segment = segment_at(begin); segment < last; ++segment) {
            if constexpr (std::is_invocable_v<Compute, std::int64_t, std::int64_t>)
                compute(segment, part);
            else
                compute(segment);
        }
    });
}

/// Elements of one row of x[rows, ...].
inline std::int64_t elements_of_row(const tg_array& x) {
    std::int64_t count = 1;
    for (std::int32_t axis = 1; axis < x.rank; ++axis) count *= x.shape[axis];
    return count;
}

}  // namespace tapegrad::simd
