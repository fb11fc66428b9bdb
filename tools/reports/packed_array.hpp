// Arrays of numbers within JSON: {"type", "shape", "data"}, the data in base64, little-endian.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// RFC 4648, section 4, with padding.
std::string base64(std::string_view bytes);

nlohmann::json packed(std::span<const float> values, const std::vector<std::int64_t>& shape);         ///< "f32"
nlohmann::json packed(std::span<const std::int32_t> values, const std::vector<std::int64_t>& shape);  ///< "i32"
nlohmann::json packed(std::span<const std::uint8_t> values, const std::vector<std::int64_t>& shape);  ///< "u8"

/// Numbers in [0, 1] as "u16": value * 65535 rounded, which "fraction": true says.
nlohmann::json packed_fractions(std::span<const float> values, const std::vector<std::int64_t>& shape);

/// Integers as "i8" where all fit, else as "i32".
nlohmann::json packed_small(std::span<const std::int32_t> values, const std::vector<std::int64_t>& shape);

}  // namespace tapegrad
