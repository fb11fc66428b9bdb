// One number for each of a few neighbouring heads, in as few vectors as hold them.
#pragma once

#include <cstring>
#include <limits>

#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {

/// `group` is 1, which is a plain number, or a power of two.
template <class T, int group>
class PerHead {
    static constexpr int width = static_cast<int>(std::min<std::int64_t>(group, row_lanes<T>));

public:
    /// What a part is: a number or a vector.
    using Part =
        typename std::conditional_t<width == 1, std::type_identity<T>, xsimd::make_sized_batch<T, width>>::type;

    PerHead() = default;
    explicit PerHead(T value) {
        for (Part& part : parts_) part = Part(value);
    }
    explicit PerHead(const T* memory) {
        for (int i = 0; i < count; ++i)
            if constexpr (width == 1)
                parts_[i] = memory[i];
            else
                parts_[i] = Part::load_unaligned(memory + i * width);
    }
    void store(T* memory) const {
        for (int i = 0; i < count; ++i)
            if constexpr (width == 1)
                memory[i] = parts_[i];
            else
                parts_[i].store_unaligned(memory + i * width);
    }

    /// compute(part of a, part of b, ...) for all parts.
    template <class Compute, class... Others>
    static PerHead map(const Compute& compute, const Others&... others) {
        PerHead result;
        for (int i = 0; i < count; ++i) result.parts_[i] = compute(others.parts_[i]...);
        return result;
    }

    /// x * scale for the heads whose bit is set, lowest first, and 0 for the others.
    PerHead kept(std::uint32_t bits, T scale) const {
        PerHead result;
        for (int i = 0; i < count; ++i, bits >>= width) {
            if constexpr (width == 1) {
                const T choice[] = {T(0), parts_[i] * scale};  // no processor predicts a branch on random bits
                result.parts_[i] = choice[bits & 1u];
            } else {
                using Integer = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
                using Integers = xsimd::batch<Integer, typename Part::arch_type>;
                alignas(64) static constexpr Integer lane_bits[] = {1, 2, 4, 8, 16, 32, 64, 128};
                const Integers lane_bit = Integers::load_aligned(lane_bits);
                const auto is_set = (Integers(static_cast<Integer>(bits)) & lane_bit) == lane_bit;
                result.parts_[i] = (parts_[i] * scale) & xsimd::bitwise_cast<Part>(Integers(is_set.data));
            }
        }
        return result;
    }

private:
    static constexpr int count = group / width;
    Part parts_[count];
};

/// Where x > 0, `a`, else `b`.
template <class T>
T where_positive(T x, T a, T b) {
    const T choice[] = {b, a};
    return choice[x > 0];
}
template <class T, class A>
xsimd::batch<T, A> where_positive(const xsimd::batch<T, A>& x, const xsimd::batch<T, A>& a,
                                  const xsimd::batch<T, A>& b) {
    return xsimd::select(x > xsimd::batch<T, A>(T(0)), a, b);
}

/// x where x > 0, else slope * x.
template <class T>
T leaky(T x, T slope) {
    return std::max(x, T(0)) + slope * std::min(x, T(0));
}
template <class T, class A>
xsimd::batch<T, A> leaky(const xsimd::batch<T, A>& x, T slope) {
    return where_positive(x, x, x * slope);
}

/// The larger of both, b where a is NaN.
template <class T>
T larger_number(T a, T b) {
    return a > b ? a : b;
}
template <class T, class A>
xsimd::batch<T, A> larger_number(const xsimd::batch<T, A>& a, const xsimd::batch<T, A>& b) {
    return xsimd::select(a > b, a, b);
}

/// 0 for minus infinity, else x.
template <class T>
T finite_or_zero(T x) {
    return x == -std::numeric_limits<T>::infinity() ? T(0) : x;
}
template <class T, class A>
xsimd::batch<T, A> finite_or_zero(const xsimd::batch<T, A>& x) {
    using B = xsimd::batch<T, A>;
    return xsimd::select(x == B(-std::numeric_limits<T>::infinity()), B(T(0)), x);
}

/// 1 for 0, else x.
template <class T>
T one_for_zero(T x) {
    return x == 0 ? T(1) : x;
}
template <class T, class A>
xsimd::batch<T, A> one_for_zero(const xsimd::batch<T, A>& x) {
    using B = xsimd::batch<T, A>;
    return xsimd::select(x == B(T(0)), B(T(1)), x);
}

}  // namespace tapegrad::simd
