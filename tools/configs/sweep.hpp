// What is to be trained repeatedly, as the command line says it: `--grid lr=0.005,0.01` and `--seeds 0..99`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tapegrad {

/// A key and the values that it takes in turn.
struct GridAxis {
    std::string key;  ///< the full path
    std::vector<nlohmann::json> values;
};

/// Reads "KEY=V1,V2,...": the key as `full_key` does for `config`, each value as `set_value` does. Commas inside
/// brackets and quotes belong to a value. Throws ConfigError for an unknown or ambiguous key, a missing '=', a missing
/// value, and values that are equal.
GridAxis parse_grid_axis(const nlohmann::json& config, const std::string& text);

/// Reads seeds: numbers and ranges, both ends included, between commas: "3", "1,5,7", "0..99", "0..4,10..12". They stay
/// in that order. Throws ConfigError for anything else, a range that goes down, a seed that comes twice, a seed beyond
/// what the config allows, and more than 100,000 seeds.
std::vector<std::int64_t> parse_seeds(const std::string& text);

}  // namespace tapegrad
