// One number for each of a few neighbouring heads.
#pragma once

#include <bit>
#include <cmath>

#include "backends/simd/kernels/exponential.hpp"
#include "backends/simd/kernels/random.hpp"
#include "backends/simd/kernels/rows.hpp"

namespace tapegrad::simd {

/// x * y as a number of its own. A plain product may be fused into a subtraction behind it, and so differ from the same
/// product that was stored: by the rounding of 1e30, where scores are that large.
template <class T, class A>
xsimd::batch<T, A> rounded_product(const xsimd::batch<T, A>& x, const xsimd::batch<T, A>& y) {
    return xsimd::fma(x, y, xsimd::batch<T, A>(T(0)));
}
template <class T>
requires std::is_floating_point_v<T> T rounded_product(T x, T y) {
#if defined(__FMA__)
    return std::fma(x, y, T(0));
#else
    return x * y;
#endif
}

/// `group` numbers in as few vectors as hold them. `group` is 1, which is a plain number, or a power of two.
template <class T, int group>
class PerHead {
    static constexpr int width = static_cast<int>(std::min<std::int64_t>(group, row_lanes<T>));
    static constexpr int count = group / width;

public:
    /// What a part is: a number or a vector.
    using Part =
        typename std::conditional_t<width == 1, std::type_identity<T>, xsimd::make_sized_batch<T, width>>::type;

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
    PerHead operator+(PerHead other) const {
        for (int i = 0; i < count; ++i) other.parts_[i] = parts_[i] + other.parts_[i];
        return other;
    }

    /// The larger of both for each head, that of `other` where this one is NaN.
    PerHead larger_number(PerHead other) const {
        for (int i = 0; i < count; ++i) {
            if constexpr (width == 1)
                other.parts_[i] = parts_[i] > other.parts_[i] ? parts_[i] : other.parts_[i];
            else
                other.parts_[i] = xsimd::select(parts_[i] > other.parts_[i], parts_[i], other.parts_[i]);
        }
        return other;
    }
    /// x where x > 0, else slope * x.
    PerHead leaky(T slope) const {
        PerHead result = *this;
        for (Part& part : result.parts_) {
            if constexpr (width == 1)
                part = std::max(part, T(0)) + slope * std::min(part, T(0));
            else
                part = xsimd::select(part > Part(T(0)), part, part * slope);
        }
        return result;
    }

    PerHead operator-(PerHead other) const {
        for (int i = 0; i < count; ++i) other.parts_[i] = parts_[i] - other.parts_[i];
        return other;
    }
    PerHead operator*(PerHead other) const {
        for (int i = 0; i < count; ++i) other.parts_[i] = parts_[i] * other.parts_[i];
        return other;
    }
    PerHead rounded_product(PerHead other) const {
        for (int i = 0; i < count; ++i) other.parts_[i] = simd::rounded_product(parts_[i], other.parts_[i]);
        return other;
    }
    /// 1 where x > 0, else slope.
    PerHead leaky_derivative(T slope) const {
        PerHead result = *this;
        for (Part& part : result.parts_) part = xsimd::select(part > Part(T(0)), Part(T(1)), Part(slope));
        return result;
    }
    /// e^x where x <= 0.
    PerHead exponential() const {
        PerHead result = *this;
        for (Part& part : result.parts_) part = exp_at_most_zero(part);
        return result;
    }
    /// x for the heads whose bit is set, lowest first, and 0 for the others.
    PerHead kept(std::uint32_t bits) const {
        PerHead result = *this;
        for (Part& part : result.parts_) {
            if constexpr (width == 1) {
                using Integer = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
                part = std::bit_cast<T>(std::bit_cast<Integer>(part) & -static_cast<Integer>(bits & 1u));
            } else {
                part = keep_where_set(part, bits);
            }
            bits >>= width;
        }
        return result;
    }

private:
    Part parts_[count];
};

}  // namespace tapegrad::simd
