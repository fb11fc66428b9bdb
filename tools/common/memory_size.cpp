#include "tools/common/memory_size.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "autograd/errors.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {

std::uint64_t parse_memory_size(const std::string& text, const std::string& option) {
    constexpr std::array<std::pair<std::string_view, double>, 9> units{{{"b", 1},
                                                                        {"kb", 1e3},
                                                                        {"mb", 1e6},
                                                                        {"gb", 1e9},
                                                                        {"tb", 1e12},
                                                                        {"kib", 0x1p10},
                                                                        {"mib", 0x1p20},
                                                                        {"gib", 0x1p30},
                                                                        {"tib", 0x1p40}}};
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    std::string unit(end, text.data() + text.size());
    unit.erase(0, unit.find_first_not_of(' '));
    std::ranges::transform(unit, unit.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto found = std::ranges::find(units, unit, &std::pair<std::string_view, double>::first);
    const double bytes = error == std::errc() && found != units.end() ? std::floor(number * found->second) : 0;
    if (!(bytes >= 1 && bytes <= 1e18))
        throw ConfigError(option, "a size from 1B to 10^18 B, such as 2GiB or 500MB", quote(text),
                          "Give a number and one of B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace tapegrad
