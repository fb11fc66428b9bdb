#include "tools/benchmarks/report.hpp"

#include <fmt/format.h>

namespace tapegrad {

std::string milliseconds_text(const Spread& seconds) {
    const Spread ms = scaled(seconds, 1000);
    return fmt::format("median {:.3f} ms, quartiles {:.3f} to {:.3f}, minimum {:.3f}, {} times", ms.median, ms.lower,
                       ms.upper, ms.minimum, ms.count);
}

std::string digits(double value) {
    const int decimals = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
    return fmt::format("{:.{}f}", value, decimals);
}

nlohmann::json spread_json(const Spread& spread, double factor) {
    const Spread s = scaled(spread, factor);
    return {{"median", s.median},
            {"lower_quartile", s.lower},
            {"upper_quartile", s.upper},
            {"minimum", s.minimum},
            {"count", s.count}};
}

}  // namespace tapegrad
