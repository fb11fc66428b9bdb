// What the kernels around softmax share: exponentials of rows, and sums of them.
#pragma once

#include <limits>

#include "backends/simd/kernels/functions.hpp"

namespace tapegrad::simd {

/// Sums lane by lane: a few vectors in T, these in double, so that the error does not grow with their number.
template <class T>
class LaneSums {
public:
    void add(const Batch<T>& x) {
        few_ = few_ + x;
        if (++count_ == piece) flush();
    }

    Batch<T> in_lanes() {
        if (!flushed_) return few_;
        flush();
        alignas(64) T elements[lanes<T>];
        std::copy_n(sums_, lanes<T>, elements);
        return Batch<T>::load_aligned(elements);
    }

    T total() {
        if (!flushed_) return sum_of_lanes(few_);
        flush();
        double total = 0;
        for (const double sum : sums_) total += sum;
        return static_cast<T>(total);
    }

private:
    static constexpr int piece = 16;

    void flush() {
        if (!flushed_) std::fill_n(sums_, lanes<T>, 0.0);
        alignas(64) T elements[lanes<T>];
        few_.store_aligned(elements);
        for (std::int64_t i = 0; i < lanes<T>; ++i) sums_[i] += static_cast<double>(elements[i]);
        few_ = Batch<T>(0);
        count_ = 0;
        flushed_ = true;
    }

    Batch<T> few_ = Batch<T>(0);
    int count_ = 0;
    bool flushed_ = false;
    alignas(64) double sums_[lanes<T>];
};

/// Calls visit(i, x[i ...], how many count); in the last vector the other lanes hold -inf.
template <class T>
void for_vectors_of_row(const T* x, std::int64_t count, const auto& visit) {
    std::int64_t i = 0;
    for (; i + lanes<T> <= count; i += lanes<T>) visit(i, load(x + i), lanes<T>);
    if (i < count) visit(i, first_lanes(load(x + i), count - i, -std::numeric_limits<T>::infinity()), count - i);
}

template <class T>
T largest_of_row(const T* x, std::int64_t count) {
    Batch<T> largest(-std::numeric_limits<T>::infinity());
    for_vectors_of_row(x, count, [&](std::int64_t, const Batch<T>& v, std::int64_t) { largest = larger(largest, v); });
    return largest_of_lanes(largest);
}

/// The sum of exp(x - shift).
template <class T>
T sum_of_exponentials(const T* x, std::int64_t count, T shift) {
    LaneSums<T> sums;
    for_vectors_of_row(x, count, [&](std::int64_t, const Batch<T>& v, std::int64_t used) {
        sums.add(first_lanes(exponential(v - Batch<T>(shift)), used, T(0)));
    });
    return sums.total();
}

template <class T>
T logarithm_of(T x) {
    return logarithm(Batch<T>(x)).get(0);
}

}  // namespace tapegrad::simd
