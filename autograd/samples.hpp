// Where the samples of an op definition get their tensors from, and calls of ops in words.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "autograd/grouping.hpp"
#include "autograd/op.hpp"
#include "autograd/random.hpp"

namespace tapegrad {

/// Lengths of rows for samples: around those of vectors, which leave tails of every kind.
inline constexpr std::array<std::int64_t, 12> row_widths = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33};

/// Makes inputs on one backend in one float dtype; equal seeds give equal samples on every backend.
class SampleSource {
public:
    SampleSource(BackendPtr backend, DType dtype, std::uint64_t seed = 0)
        : backend_(std::move(backend)), dtype_(dtype), random_(seed) {}

    const BackendPtr& backend() const { return backend_; }
    DType dtype() const { return dtype_; }

    Tensor normal(const Shape& shape);
    Tensor uniform(const Shape& shape, double low, double high);
    /// Standard normal, but no element nearer than 0.1 to one of the kinks.
    Tensor normal_away_from(const Shape& shape, std::vector<double> kinks);
    /// Values whose differences are at least 0.1, in random order: for max and its like.
    Tensor distinct(const Shape& shape);
    Tensor values(const Shape& shape, std::span<const double> elements);
    Tensor constant(const Shape& shape, double value);
    /// Random groups; with few entries some stay empty.
    Grouping grouping(std::int64_t entries, std::int64_t groups);
    /// Integers in 0 .. count-1.
    Tensor integers(const Shape& shape, std::int64_t count);
    Tensor key();

private:
    BackendPtr backend_;
    DType dtype_;
    HostRandom random_;
};

/// "-1", "0.5", "[2, 3]".
std::string value_text(const Attribute& attribute);
/// "axis=-1, keep_axes=0".
std::string to_string(const Attributes& attributes);
/// The name that the op declares for an input, "parts[1]" for one of several; its number where the op declares none.
std::string input_name(const OpDef& op, std::size_t input);
/// "x f64 [3, 5], index i32 [7], axis=-1".
std::string describe_call(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes);

}  // namespace tapegrad
