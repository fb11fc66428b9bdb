#include "tools/configs/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "autograd/errors.hpp"
#include "tools/configs/config_schema.hpp"
#include "tools/configs/full_key.hpp"
#include "tools/configs/parsing.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

constexpr std::int64_t most_seeds = 100'000;

// The parts between commas outside of brackets and quotes.
std::vector<std::string> split_values(std::string_view text) {
    std::vector<std::string> parts(1);
    int open = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\' && i + 1 < text.size()) {
            parts.back() += c;
            parts.back() += text[++i];
            continue;
        }
        if (c == '"') quoted = !quoted;
        if (!quoted && (c == '[' || c == '{')) ++open;
        if (!quoted && (c == ']' || c == '}')) --open;
        if (c == ',' && !quoted && open <= 0)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

[[noreturn]] void bad_seeds(const std::string& text, const std::string& expected, const std::string& got) {
    throw ConfigError(
        "seeds " + text, expected, got,
        fmt::format("Write numbers and ranges between commas, such as 0..99 or 1,5,10..12; at most {} seeds",
                    most_seeds));
}

std::int64_t parse_seed(std::string_view part, const std::string& text) {
    static const std::int64_t most = config_schema()["properties"]["seed"]["maximum"];
    std::int64_t seed = 0;
    const char* const end = part.data() + part.size();
    const auto [stopped, error] = std::from_chars(part.data(), end, seed);
    const bool is_number = stopped == end && !part.empty();
    if (error == std::errc::invalid_argument || !is_number)
        bad_seeds(text, "a seed or a range FIRST..LAST", fmt::format("\"{}\"", part));
    if (error != std::errc{} || seed < 0 || seed > most)
        bad_seeds(text, fmt::format("seeds from 0 to {}", most), std::string(part));
    return seed;
}

}  // namespace

GridAxis parse_grid_axis(const json& config, const std::string& text) {
    const std::string option = "--grid " + text;
    const auto bad_axis = [&](const std::string& expected, const std::string& got) {
        throw ConfigError(option, expected, got, "Write a key and its values, such as learning_rate=0.005,0.01");
    };
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) bad_axis("KEY=V1,V2,...", equals == 0 ? "no key" : "no '='");

    GridAxis axis{full_key(config, text.substr(0, equals)), {}};
    for (const std::string& part : split_values(std::string_view(text).substr(equals + 1))) {
        if (part.empty()) bad_axis("a value before and after each comma", "nothing");
        const json value = parse_value(part, option);
        if (std::ranges::find(axis.values, value) != axis.values.end())
            bad_axis("each value once", fmt::format("{} twice", part));
        axis.values.push_back(value);
    }
    return axis;
}

std::vector<std::int64_t> parse_seeds(const std::string& text) {
    std::vector<std::int64_t> seeds;
    std::set<std::int64_t> known;
    std::string_view rest = text;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const std::string_view part = rest.substr(0, comma);
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);

        const std::size_t dots = part.find("..");
        const std::int64_t first = parse_seed(part.substr(0, dots), text);
        const std::int64_t last = dots == std::string_view::npos ? first : parse_seed(part.substr(dots + 2), text);
        if (last < first) bad_seeds(text, "a range that goes up", std::string(part));
        if (last - first >= most_seeds - std::ssize(seeds))
            bad_seeds(text, fmt::format("at most {} seeds", most_seeds), "more");
        for (std::int64_t seed = first; seed <= last; ++seed) {
            if (!known.insert(seed).second) bad_seeds(text, "each seed once", fmt::format("{} twice", seed));
            seeds.push_back(seed);
        }
    }
    return seeds;
}

}  // namespace tapegrad
