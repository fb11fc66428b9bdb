// Sizes of memory as people write them.
#pragma once

#include <cstdint>
#include <string>

namespace tapegrad {

/// Bytes of "2GiB", "500 MB" or "1.5gb": a number and a unit, of powers of ten (B, kB, MB, GB, TB) or of 1024 (KiB to
/// TiB), in capitals or not. Throws ConfigError, which names `option`, for anything else, and unless it is at least a
/// byte and at most 10^18.
std::uint64_t parse_memory_size(const std::string& text, const std::string& option);

}  // namespace tapegrad
