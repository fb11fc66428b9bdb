// How far a right result may be from the reference: what the reference met on its way says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/kernel_watch.hpp"
#include "autograd/tensor.hpp"

namespace tapegrad {

/// How a mandatory kernel rounds: not at all where elements are moved or chosen; once; as a function does; or at each
/// term of a sum.
enum class KernelKind { copy, conversion, choice, arithmetic, function, sum };
/// Throws IndexError for a kernel that is not mandatory.
KernelKind kind_of(std::string_view kernel);

/// What one computation met, as far as rounding in `dtype` depends on it.
struct Trace {
    DType dtype = DType::f32;
    double roundings = 0;      ///< in a row, in units of half a unit in the last place
    double amplification = 0;  ///< the largest |x| of an e^x: what it makes of a relative error of x
    double largest = 0;        ///< magnitude of a finite number on the way; of a sum, that of its terms together
    bool is_exact = true;      ///< nothing but sums and products of whole numbers that `dtype` holds
    bool only_copies = true;   ///< elements were moved, and nothing was computed
    /// By element, in place of `largest`, the magnitude that its error is relative to: of an elementwise computation,
    /// |y| + sum of |x dy/dx| over its inputs x.
    std::vector<double> magnitude_at{};

    /// The error that rounding explains, by a first-order bound. Each kernel adds its roundings (two for arithmetic,
    /// eight for functions such as exp, which may be four units off, n - 1 for a sum of n terms, in whatever order),
    /// each of them relative to the largest number that was met. Nothing for an exact computation.
    double allowed_at(std::size_t element) const;
};

/// Traces every kernel of the reference backend, on its f64 arrays.
class TracedCalls : public KernelWatch {
public:
    /// Begins anew; `dtype` is what the backend that is judged computes in.
    void begin(DType dtype) { trace_ = {.dtype = dtype}; }
    const Trace& trace() const { return trace_; }

    /// The mandatory ones: kernels that an extension brings for the reference are judged, and do not judge.
    bool offers(const KernelId& id, DType dtype) override;
    int run(const KernelId& id, tg_kernel kernel, tg_context* context, tg_call& call) override;

private:
    void add_sum(const std::string& name, tg_kernel kernel, tg_context* context, const tg_call& call);
    void add_values(const tg_array& array);

    Trace trace_;
};

/// An element that is too far from what it should be.
struct Mismatch {
    std::size_t element;
    double got, wanted, allowed;
};

/// How near results are to the wanted ones.
struct Comparison {
    std::optional<Mismatch> mismatch{};  ///< the first
    double worst = 0;                    ///< error over allowed error, of all elements; at most 1 where all is right
};

/// What a result has to be where infinities and NaN are met.
enum class NonFinite {
    same,  ///< NaN where NaN is wanted, infinity where infinity is
    any    ///< either of them where either is wanted: which one depends on the order of a sum
};

/// Compares elements; beyond the range of the trace's dtype either infinity or the largest number will do. `also_right`
/// holds other right results, or is empty: the same computed in the dtype itself, where what is met on the way may
/// overflow.
Comparison compare_elements(const std::vector<double>& got, const std::vector<double>& wanted, const Trace& trace,
                            const std::vector<double>& also_right = {}, NonFinite non_finite = NonFinite::same);

}  // namespace tapegrad
