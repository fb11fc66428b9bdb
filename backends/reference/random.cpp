// Random bits, one an element, and what dropout does with them.
#include "backends/reference/kernels.hpp"

namespace tapegrad::reference {
namespace {

/// Philox4x32 with 10 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::uint32_t key_0, std::uint32_t key_1) {
    for (int round = 0; round < 10; ++round, key_0 += 0x9E3779B9u, key_1 += 0xBB67AE85u) {
        const std::uint64_t product_0 = std::uint64_t{0xD2511F53u} * counter[0];
        const std::uint64_t product_1 = std::uint64_t{0xCD9E8D57u} * counter[2];
        counter = {
            static_cast<std::uint32_t>(product_1 >> 32) ^ counter[1] ^ key_0, static_cast<std::uint32_t>(product_1),
            static_cast<std::uint32_t>(product_0 >> 32) ^ counter[3] ^ key_1, static_cast<std::uint32_t>(product_0)};
    }
    return counter;
}

/// Bit i of the mask says whether draw i, 16 random bits, is below the threshold.
void random_mask(const tg_call& call) {
    const auto key = view<std::uint32_t>(call.inputs[0]);
    auto mask = view<std::uint32_t>(call.outputs[0]);
    const auto call_site = static_cast<std::uint32_t>(call.integers[0]);
    const std::int64_t threshold = call.integers[1];
    const auto count = static_cast<std::uint64_t>(call.integers[2]);

    mask.fill(0);
    for (std::uint64_t block = 0; block * 8 < count; ++block) {
        const auto random =
            philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), call_site, key(2)},
                   key(0), key(1));
        for (std::uint64_t i = block * 8; i < std::min(block * 8 + 8, count); ++i) {
            const std::uint32_t draw = random[i % 8 / 2] >> (16 * (i % 2)) & 0xFFFFu;
            mask(i / 32) |= std::uint32_t{draw < threshold} << (i % 32);
        }
    }
}

template <class T>
void masked_scale(const tg_call& call) {
    const auto x = view<T>(call.inputs[0]);
    const auto mask = view<std::uint32_t>(call.inputs[1]);
    auto y = view<T>(call.outputs[0]);
    const auto scale = static_cast<T>(call.reals[0]);
    for (std::size_t i = 0; i < y.size(); ++i) {
        const T choice[2] = {T(0), x(i) * scale};  // no processor predicts a branch on random bits
        y(i) = choice[mask(i / 32) >> (i % 32) & 1u];
    }
}

constexpr Kernel table[] = {
    {"random_mask", {nullptr, nullptr, kernel<random_mask>}},
    {"masked_scale", {kernel<masked_scale<float>>, kernel<masked_scale<double>>}},
};

}  // namespace

std::span<const Kernel> random_kernels() { return table; }

}  // namespace tapegrad::reference
