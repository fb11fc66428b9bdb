#include "autograd/shape.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "autograd/errors.hpp"

namespace tapegrad {

std::size_t size_of(DType dtype) { return dtype == DType::f64 ? 8 : 4; }

std::string to_string(DType dtype) {
    switch (dtype) {
        case DType::f32:
            return "f32";
        case DType::f64:
            return "f64";
        case DType::i32:
            return "i32";
    }
    return "unknown dtype";
}

namespace {

// So that the number of bytes fits 64 bits.
constexpr std::int64_t most_elements = std::int64_t{1} << 59;

void check_rank(std::size_t rank) {
    if (rank > Dims::max_rank)
        throw ShapeError("shape", fmt::format("at most {} axes", Dims::max_rank), fmt::format("{}", rank),
                         "reshape to merge axes first");
}

}  // namespace

Dims::Dims(std::initializer_list<std::int64_t> values) : Dims(std::span(values.begin(), values.size())) {}

Dims::Dims(std::span<const std::int64_t> values) {
    check_rank(values.size());
    std::ranges::copy(values, values_.begin());
    rank_ = static_cast<std::uint8_t>(values.size());
}

void Dims::insert(std::size_t axis, std::int64_t value) {
    check_rank(rank() + 1);
    std::copy_backward(begin() + axis, end(), values_.begin() + rank_ + 1);
    values_[axis] = value;
    ++rank_;
}

void Dims::erase(std::size_t axis) {
    std::copy(begin() + axis + 1, end(), values_.begin() + axis);
    values_[--rank_] = 0;
}

std::int64_t element_count(const Shape& shape) {
    std::int64_t count = 1;
    bool empty = false;
    for (const std::int64_t extent : shape) {
        // An extent of 0 does not excuse the others: strides have to fit too.
        empty = empty || extent == 0;
        if (__builtin_mul_overflow(count, extent == 0 ? 1 : extent, &count) || count > most_elements)
            throw ShapeError("shape", "at most 2^59 elements", to_string(shape), "check the extents");
    }
    return empty ? 0 : count;
}

Dims strides_of(const Shape& shape) {
    Dims strides = shape;
    std::int64_t stride = 1;
    for (std::size_t axis = shape.rank(); axis-- > 0; stride *= shape[axis]) strides[axis] = stride;
    return strides;
}

std::string to_string(const Dims& dims) { return fmt::format("[{}]", fmt::join(dims, ", ")); }

Shape broadcast(const std::string& op, const Shape& a, const Shape& b) {
    if (a == b) return a;
    const bool a_is_longer = a.rank() >= b.rank();
    Shape result = a_is_longer ? a : b;
    const Shape& shorter = a_is_longer ? b : a;
    const std::size_t lead = result.rank() - shorter.rank();
    for (std::size_t axis = 0; axis < shorter.rank(); ++axis) {
        std::int64_t& extent = result[lead + axis];
        if (extent == 1)
            extent = shorter[axis];
        else if (shorter[axis] != 1 && shorter[axis] != extent)
            throw ShapeError(op, "shapes that broadcast (equal extents or 1, aligned at the last axis)",
                             to_string(a) + " and " + to_string(b), "reshape one of them");
    }
    return result;
}

std::size_t normalise_axis(const std::string& op, std::int64_t axis, std::size_t rank) {
    const auto signed_rank = static_cast<std::int64_t>(rank);
    if (axis < -signed_rank || axis >= signed_rank)
        throw ShapeError(op, fmt::format("an axis from {} to {}", -signed_rank, signed_rank - 1),
                         fmt::format("{}", axis), "count axes from 0, or from -1 at the back");
    return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

}  // namespace tapegrad
