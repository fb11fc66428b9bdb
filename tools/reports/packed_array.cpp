#include "tools/reports/packed_array.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tapegrad {
namespace {

static_assert(std::endian::native == std::endian::little, "packed arrays are little-endian");

template <typename T>
nlohmann::json pack(const char* type, std::span<const T> values, const std::vector<std::int64_t>& shape) {
    const std::string_view bytes(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    return {{"type", type}, {"shape", shape}, {"data", base64(bytes)}};
}

}  // namespace

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    const auto byte = [&](std::size_t i) -> unsigned {
        return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0;
    };
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const unsigned group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        for (const unsigned shift : {18u, 12u, 6u, 0u}) text += digits[group >> shift & 63];
    }
    const std::size_t missing = (3 - bytes.size() % 3) % 3;
    text.replace(text.size() - missing, missing, missing, '=');
    return text;
}

nlohmann::json packed(std::span<const float> values, const std::vector<std::int64_t>& shape) {
    return pack("f32", values, shape);
}

nlohmann::json packed(std::span<const std::int32_t> values, const std::vector<std::int64_t>& shape) {
    return pack("i32", values, shape);
}

nlohmann::json packed(std::span<const std::uint8_t> values, const std::vector<std::int64_t>& shape) {
    return pack("u8", values, shape);
}

nlohmann::json packed_fractions(std::span<const float> values, const std::vector<std::int64_t>& shape) {
    std::vector<std::uint16_t> steps;
    steps.reserve(values.size());
    for (const float value : values)
        steps.push_back(static_cast<std::uint16_t>(std::lround(std::clamp(value, 0.0f, 1.0f) * 65535)));
    nlohmann::json array = pack("u16", std::span<const std::uint16_t>(steps), shape);
    array["fraction"] = true;
    return array;
}

nlohmann::json packed_small(std::span<const std::int32_t> values, const std::vector<std::int64_t>& shape) {
    if (!std::ranges::all_of(values, [](std::int32_t value) { return value >= -128 && value < 128; }))
        return packed(values, shape);
    const std::vector<std::int8_t> bytes(values.begin(), values.end());
    return pack("i8", std::span<const std::int8_t>(bytes), shape);
}

}  // namespace tapegrad
