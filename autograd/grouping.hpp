// An index prepared in both directions: which group an entry belongs to, and which entries a group has.
#pragma once

#include <cstdint>
#include <span>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// Entries 0 .. E-1 sorted into groups 0 .. G-1. `gather` reads by `index`; the scatter ops walk `order` group by
/// group, which is why no sum ever depends on thread timing.
struct Grouping {
    Tensor index;    ///< i32 [E]: the group of each entry
    Tensor order;    ///< i32 [E]: the entries sorted by group, ties in their first order
    Tensor offsets;  ///< i32 [G + 1]: where each group begins in `order`

    std::int64_t entries() const { return index.size(); }
    std::int64_t groups() const { return offsets.size() - 1; }
};

/// The grouping whose three tensors begin at inputs[first], as ops carry them.
inline Grouping grouping_at(std::span<const Tensor> inputs, std::size_t first) {
    return {inputs[first], inputs[first + 1], inputs[first + 2]};
}

/// Prepares an index. Throws IndexError that names the first entry outside 0 .. groups-1, and for more
/// groups or entries than i32 counts.
Grouping make_grouping(const BackendPtr& backend, std::span<const std::int32_t> index, std::int64_t groups);

/// Do these offsets, as of CSR arrays, rise from 0 to the number of entries?
bool are_offsets(std::span<const std::int32_t> offsets, std::size_t entries);
/// The grouping of entries that lie in the order of their groups already; `offsets` tells where each group begins.
/// Throws IndexError for more groups than i32 counts.
Grouping contiguous_grouping(const BackendPtr& backend, std::span<const std::int32_t> offsets);

}  // namespace tapegrad
