// The roofline of ops that move more than they compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "autograd/backend.hpp"

namespace tapegrad {

/// Bytes read and written a second when `threads` threads copy `bytes` bytes again and again, each its own part. What
/// fits into a cache stays there.
double memory_copy_rate(std::size_t bytes, int threads);

/// The same of the backend's memory, copied by the backend itself.
double device_copy_rate(std::size_t bytes, const BackendPtr& backend);

/// The rates of copies that are as large as what ops read and write, each measured once.
class MemoryCopyRates {
public:
    /// In the memory that the backend computes in. One that can record kernels is taken for a device, since on the
    /// processor nothing would be gained by it.
    explicit MemoryCopyRates(BackendPtr backend);
    /// Of a copy that reads and writes `bytes` bytes in all, rounded to a power of two.
    double of(std::int64_t bytes);

private:
    BackendPtr backend_;
    std::map<std::size_t, double> rates_;  // by what is read
};

}  // namespace tapegrad
