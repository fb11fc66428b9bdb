// The roofline of ops that move more than they compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace tapegrad {

/// Bytes read and written a second when `threads` threads copy `bytes` bytes again and again, each its own part. What
/// fits into a cache stays there.
double memory_copy_rate(std::size_t bytes, int threads);

/// The rates of copies that are as large as what ops read and write, each measured once.
class MemoryCopyRates {
public:
    explicit MemoryCopyRates(int threads) : threads_(threads) {}
    /// Of a copy that reads and writes `bytes` bytes in all, rounded to a power of two.
    double of(std::int64_t bytes);

private:
    int threads_;
    std::map<std::size_t, double> rates_;  // by what is read
};

}  // namespace tapegrad
