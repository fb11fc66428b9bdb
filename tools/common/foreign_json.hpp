// JSON in files that somebody else may have written.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// JSON that was well written and still cannot be used. As all that goes wrong with JSON, a json::exception.
class ForeignJsonError : public nlohmann::json::exception {
public:
    explicit ForeignJsonError(const std::string& what) : exception(0, what.c_str()) {}
};

/// Reads JSON nested at most 64 deep, for what is done with a value goes down by recursion. Throws ForeignJsonError
/// beyond that, and as json::parse does.
nlohmann::json parse_foreign_json(std::string_view text);

/// Is it a number without a fraction that a T holds? What `get<T>` makes of any other number is not even defined.
template <std::integral T>
bool is_whole(const nlohmann::json& value) {
    if (value.is_number_unsigned()) return std::in_range<T>(value.get<nlohmann::json::number_unsigned_t>());
    return value.is_number_integer() && std::in_range<T>(value.get<nlohmann::json::number_integer_t>());
}

/// The number under a key, at least `least`. Throws ForeignJsonError for anything else, and as json::at does.
template <std::integral T>
T whole_number(const nlohmann::json& object, const std::string& key, T least = 0) {
    const nlohmann::json& value = object.at(key);
    if (!is_whole<T>(value) || value.get<T>() < least)
        throw ForeignJsonError("\"" + key + "\" is no whole number of at least " + std::to_string(least));
    return value.get<T>();
}

}  // namespace tapegrad
