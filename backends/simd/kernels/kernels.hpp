// What the kernel files share. All files of this folder are compiled once for each instruction set.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include <immintrin.h>
#include <xsimd/xsimd.hpp>

#include "backends/simd/context.hpp"
#include "backends/simd/kernel_table.hpp"

namespace tapegrad::simd {

std::span<const Kernel> elementwise_kernels();
std::span<const Kernel> memory_kernels();
std::span<const Kernel> reduce_kernels();
std::span<const Kernel> matmul_kernels();
std::span<const Kernel> segment_kernels();
std::span<const Kernel> random_kernels();
std::span<const Kernel> bias_kernels();
std::span<const Kernel> softmax_kernels();
std::span<const Kernel> segment_softmax_kernels();
std::span<const Kernel> loss_kernels();
std::span<const Kernel> optimizer_kernels();
std::span<const Kernel> sparse_kernels();
std::span<const Kernel> attention_score_kernels();
std::span<const Kernel> attention_kernels();
std::span<const Kernel> attention_gradient_kernels();

template <class T>
using Batch = xsimd::batch<T>;

/// Elements of T in one vector of this compilation.
template <class T>
inline constexpr std::int64_t lanes = static_cast<std::int64_t>(Batch<T>::size);

/// The elements of an input or output.
template <class T>
const T* input(const tg_call& call, int index) {
    return static_cast<const T*>(call.inputs[index].data);
}
template <class T>
T* output(const tg_call& call, int index = 0) {
    return static_cast<T*>(call.outputs[index].data);
}

/// A whole vector from `x` on. It may reach over the end of an array: all memory has room for one vector behind it.
template <class T>
Batch<T> load(const T* x) {
    return Batch<T>::load_unaligned(x);
}

/// The first `count` elements of `x`; memory behind them stays as it is.
template <class T, class Vector>
void store_first(T* y, const Vector& x, std::int64_t count) {
    constexpr auto size = static_cast<std::int64_t>(Vector::size);
    if (count >= size) return x.store_unaligned(y);
#if defined(__AVX512F__)
    const auto mask = static_cast<std::uint16_t>((1u << count) - 1);
    if constexpr (sizeof(x) == 64 && sizeof(T) == 4)
        return _mm512_mask_storeu_ps(y, mask, x);
    else if constexpr (sizeof(x) == 64)
        return _mm512_mask_storeu_pd(y, static_cast<std::uint8_t>(mask), x);
    else if constexpr (sizeof(x) == 32 && sizeof(T) == 4)
        return _mm256_mask_storeu_ps(y, static_cast<std::uint8_t>(mask), x);
    else if constexpr (sizeof(x) == 32)
        return _mm256_mask_storeu_pd(y, static_cast<std::uint8_t>(mask), x);
#elif defined(__AVX2__)
    alignas(64) static constexpr std::int32_t ones[] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    const auto* const mask = ones + 8 - count * static_cast<std::int64_t>(sizeof(T) / 4);
    const __m256i kept = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask));
    if constexpr (sizeof(T) == 4)
        return _mm256_maskstore_ps(y, kept, x);
    else
        return _mm256_maskstore_pd(y, kept, x);
#endif
    alignas(64) T elements[Vector::size];
    x.store_aligned(elements);
    for (std::int64_t i = 0; i < count; ++i) y[i] = elements[i];
}

/// x in the first `count` lanes, `rest` in the others.
template <class T, class A>
xsimd::batch<T, A> first_lanes(const xsimd::batch<T, A>& x, std::int64_t count, T rest) {
    using Vector = xsimd::batch<T, A>;
    alignas(64) static constexpr auto numbers = [] {
        std::array<T, Vector::size> result{};
        for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<T>(i);
        return result;
    }();
    return xsimd::select(Vector::load_aligned(numbers.data()) < Vector(static_cast<T>(count)), x, Vector(rest));
}

/// The sum of all lanes.
template <class T, class A>
T sum_of_lanes(const xsimd::batch<T, A>& x) {
#if XSIMD_VERSION_MAJOR >= 9
    return xsimd::reduce_add(x);
#else
    return xsimd::hadd(x);
#endif
}

/// The same bits as lanes of another type of the same size.
template <class To, class T, class A>
xsimd::batch<To, A> bits_as(const xsimd::batch<T, A>& x) {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<To>(x);
#else
    return xsimd::bitwise_cast<xsimd::batch<To, A> >(x);
#endif
}

/// The larger of both, a NaN if one is a NaN.
template <class T>
T larger(T a, T b) {
    return a > b || a != a ? a : b;
}
template <class T>
Batch<T> larger(const Batch<T>& a, const Batch<T>& b) {
    // max is b where one is a NaN. In xsimd, NaN != NaN does not hold in every instruction set; NaN == NaN never does.
    return xsimd::select(a == a, xsimd::max(a, b), a);
}

/// The same of all lanes.
template <class T>
T largest_of_lanes(const Batch<T>& x) {
#if defined(__AVX512F__)
    if (!xsimd::all(x == x)) return std::numeric_limits<T>::quiet_NaN();
    if constexpr (sizeof(T) == 4)
        return _mm512_reduce_max_ps(x);
    else
        return _mm512_reduce_max_pd(x);
#else
    alignas(64) T elements[lanes<T>];
    x.store_aligned(elements);
    for (std::int64_t half = lanes<T> / 2; half > 0; half /= 2)
        for (std::int64_t i = 0; i < half; ++i) elements[i] = larger(elements[i], elements[i + half]);
    return elements[0];
#endif
}

constexpr std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Gives a kernel that cannot fail the signature of the C header.
template <void (*compute)(const tg_context&, const tg_call&)>
int kernel(tg_context* context, tg_call* call) noexcept {
    compute(*context, *call);
    return TG_OK;
}

/// Has a call too little scratch memory for that many elements? Then it is told how much to bring, and the kernel has
/// to return TG_NEEDS_WORKSPACE.
template <class T>
bool lacks_workspace(tg_call* call, std::int64_t elements) {
    const std::size_t needed = static_cast<std::size_t>(elements) * sizeof(T);
    if (call->workspace_size >= needed) return false;
    call->workspace_size = needed;
    return true;
}
template <class T>
T* workspace(const tg_call& call) {
    return static_cast<T*>(call.workspace);
}

/// Does one call of compute(begin, end), or compute(begin, end, part), for each part of 0 .. count-1, in parallel where
/// the work is worth waking the threads (a parallel region costs about a microsecond). There are at most as many parts
/// as the context has threads. `cost` is that of one item, in simple operations. What compute does for an item must not
/// depend on where its part begins or ends.
template <class Compute>
void parallel_for(const tg_context& context, std::int64_t count, std::int64_t cost, const Compute& compute) {
    constexpr std::int64_t least_work = 8192;  // operations for each thread
    const std::int64_t parts =
        std::min<std::int64_t>({context.threads, count, std::max<std::int64_t>(1, count * cost / least_work)});
    const auto run = [&](std::int64_t part) {
        const std::int64_t begin = count * part / parts, end = count * (part + 1) / parts;
        if constexpr (std::is_invocable_v<Compute, std::int64_t, std::int64_t, std::int64_t>)
            compute(begin, end, part);
        else
            compute(begin, end);
    };
    if (parts <= 1) {
        if (count > 0) run(0);
        return;
    }
    // Always all threads: GCC's OpenMP ends those that a smaller region does not need and makes them anew for the next.
#pragma omp parallel for num_threads(context.threads) schedule(static)
    for (std::int64_t part = 0; part < parts; ++part) run(part);
}

/// The same for elements: each part but the last is a whole number of cache lines.
template <class Compute>
void parallel_for_elements(const tg_context& context, std::int64_t count, std::int64_t cost, const Compute& compute) {
    constexpr std::int64_t block = 64;
    parallel_for(context, divide_up(count, block), block * cost,
                 [&](std::int64_t begin, std::int64_t end) { compute(begin * block, std::min(end * block, count)); });
}

}  // namespace tapegrad::simd
