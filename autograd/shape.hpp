// Shapes and dtypes, and the one rule by which shapes broadcast.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace tapegrad {

/// Element types; the values are those of `tg_dtype`.
enum class DType : std::int32_t { f32 = 0, f64 = 1, i32 = 2 };

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// "f32", "f64" or "i32".
std::string to_string(DType dtype);

/// A short list of integers that needs no heap: a shape, a list of axes, strides. At most `max_rank` long.
class Dims {
public:
    static constexpr std::size_t max_rank = 6;

    Dims() = default;
    /// Throws ShapeError beyond `max_rank` entries.
    Dims(std::initializer_list<std::int64_t> values);
    explicit Dims(std::span<const std::int64_t> values);

    std::size_t rank() const { return rank_; }
    bool empty() const { return rank_ == 0; }
    std::int64_t operator[](std::size_t axis) const { return values_[axis]; }
    std::int64_t& operator[](std::size_t axis) { return values_[axis]; }
    std::int64_t back() const { return values_[rank_ - 1]; }
    const std::int64_t* data() const { return values_.data(); }
    const std::int64_t* begin() const { return data(); }
    const std::int64_t* end() const { return data() + rank_; }
    void push_back(std::int64_t value) { insert(rank_, value); }
    void insert(std::size_t axis, std::int64_t value);
    void erase(std::size_t axis);
    // Entries beyond the rank are 0 in every list.
    bool operator==(const Dims& other) const = default;

private:
    std::array<std::int64_t, max_rank> values_{};
    std::uint8_t rank_ = 0;
};

/// The extents of an array, outermost first; {} is a scalar.
using Shape = Dims;

/// The number of elements: the product of the extents, 1 for a scalar. Throws ShapeError beyond 2^59.
std::int64_t element_count(const Shape& shape);

/// Row-major strides in elements.
Dims strides_of(const Shape& shape);

/// "[2, 3]".
std::string to_string(const Dims& dims);

/// NumPy's rule: align at the last axis; extents must be equal or 1. Throws ShapeError that names `op` and both shapes.
Shape broadcast(const std::string& op, const Shape& a, const Shape& b);

/// `axis` counted from the front; negative ones count from the back. Throws ShapeError that names `op`.
std::size_t normalise_axis(const std::string& op, std::int64_t axis, std::size_t rank);

}  // namespace tapegrad
