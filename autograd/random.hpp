// Random numbers from a counter: any draw can be made at any time, by any thread, and comes out the same.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// Philox4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// Numbers on the host, for initial weights and samples. Equal seeds give equal numbers.
class HostRandom {
public:
    explicit HostRandom(std::uint64_t seed) : seed_(seed) {}

    std::uint32_t bits();
    /// Uniform in [low, high), with 53 random bits.
    double uniform(double low = 0, double high = 1);
    /// Standard normal, by the Box-Muller transform.
    double normal();
    /// Uniform in 0 .. count-1; count must be at least 1.
    std::int64_t integer(std::int64_t count);

private:
    std::uint64_t seed_;
    std::uint64_t next_ = 0;
};

/// The key of all random ops in one step: an i32 tensor [3] = {seed low, seed high, step}. It reaches kernels as a
/// tensor so that a captured step draws new numbers when it is replayed.
Tensor random_key(const BackendPtr& backend, std::uint64_t seed, std::uint32_t step);
/// Makes it the key of another step, in its place.
void set_random_key(const Tensor& key, std::uint64_t seed, std::uint32_t step);

/// One place in a forward pass that draws random numbers.
struct RandomSite {
    Tensor key;
    std::int64_t call_site;
};

/// Hands out call sites: the first random op of a forward pass is site 0, the next site 1, and so on.
class RandomStream {
public:
    explicit RandomStream(Tensor key) : key_(std::move(key)) {}
    RandomSite next() { return {key_, next_site_++}; }

private:
    Tensor key_;
    std::int64_t next_site_ = 0;
};

/// A probability of being kept as random ops draw it: 16 bits a decision.
struct KeepThreshold {
    std::int64_t threshold;  ///< keep where a 16-bit draw is below it
    double scale;            ///< 1 over the probability that is really drawn, threshold / 65536
};
/// The threshold nearest to keeping with probability 1 - p; p is in [0, 1]. With p = 1 nothing is kept and the scale is
/// 0.
KeepThreshold keep_threshold(double dropout_probability);

}  // namespace tapegrad
