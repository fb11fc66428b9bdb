#include "autograd/random.hpp"

#include <bit>
#include <cmath>
#include <numbers>

namespace tapegrad {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t b = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

namespace {

std::array<std::uint32_t, 2> halves(std::uint64_t value) {
    return {static_cast<std::uint32_t>(value), static_cast<std::uint32_t>(value >> 32)};
}

}  // namespace

std::uint32_t HostRandom::bits() {
    const std::uint64_t draw = next_++;
    const auto [low, high] = halves(draw / 4);
    // The last counter word keeps host numbers apart from those of the random ops, where it is the step.
    return philox({low, high, 0, 0xffffffff}, halves(seed_))[draw % 4];
}

double HostRandom::uniform(double low, double high) {
    const std::uint64_t first = bits(), second = bits();
    const std::uint64_t mantissa = (first << 32 | second) >> 11;
    return low + (high - low) * std::ldexp(static_cast<double>(mantissa), -53);
}

double HostRandom::normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

std::int64_t HostRandom::integer(std::int64_t count) {
    return static_cast<std::int64_t>(uniform() * static_cast<double>(count));
}

Tensor random_key(const BackendPtr& backend, std::uint64_t seed, std::uint32_t step) {
    const Tensor key(backend, {3}, DType::i32);
    set_random_key(key, seed, step);
    return key;
}

void set_random_key(const Tensor& key, std::uint64_t seed, std::uint32_t step) {
    const auto [low, high] = halves(seed);
    const std::array<double, 3> words = {static_cast<double>(std::bit_cast<std::int32_t>(low)),
                                         static_cast<double>(std::bit_cast<std::int32_t>(high)),
                                         static_cast<double>(std::bit_cast<std::int32_t>(step))};
    assign(key, words);
}

KeepThreshold keep_threshold(double dropout_probability) {
    const auto threshold = std::llround((1 - dropout_probability) * 65536);
    return {threshold, threshold == 0 ? 0 : 65536.0 / static_cast<double>(threshold)};
}

}  // namespace tapegrad
