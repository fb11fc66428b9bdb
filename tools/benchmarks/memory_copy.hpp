// The roofline of ops that move more than they compute.
#pragma once

#include <cstddef>

namespace tapegrad {

/// Bytes read and written a second when `threads` threads copy `bytes` bytes again and again, each its own part. What
/// fits into a cache stays there.
double memory_copy_rate(std::size_t bytes, int threads);

}  // namespace tapegrad
