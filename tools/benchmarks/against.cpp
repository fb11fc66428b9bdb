#include "tools/benchmarks/against.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "autograd/errors.hpp"
#include "tools/benchmarks/child_process.hpp"
#include "tools/benchmarks/measure.hpp"
#include "tools/benchmarks/report.hpp"

namespace tapegrad {
namespace {

std::string_view without_leading_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// As much as a message can hold.
std::string beginning_of(const std::string& output) {
    const std::string beginning = output.substr(0, 300);
    return beginning.substr(0, beginning.find_last_not_of(" \n") + 1);
}

std::vector<double> figures_of(const std::string& command, const std::vector<Figure>& figures, int threads) {
    const std::string output = output_of(command, threads);
    std::vector<double> values;
    for (const Figure& figure : figures) {
        const std::optional<double> value = figure.find(output);
        if (!value || !(*value > 0))
            throw BackendError(fmt::format("command '{}'", command), fmt::format("{} in its output", figure.patterns),
                               output.empty() ? "no output at all" : fmt::format("\"{}\"", beginning_of(output)),
                               "Let the program print the figure on stdout");
        values.push_back(*value);
    }
    return values;
}

}  // namespace

std::optional<double> number_between(std::string_view output, std::string_view before, std::string_view after) {
    for (std::size_t found = output.find(before); found != std::string_view::npos;
         found = output.find(before, found + 1)) {
        const std::string_view rest = without_leading_blanks(output.substr(found + before.size()));
        double number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        const auto length = static_cast<std::size_t>(end - rest.data());
        if (error == std::errc{} && std::isfinite(number) &&
            without_leading_blanks(rest.substr(length)).starts_with(after))
            return number;
    }
    return std::nullopt;
}

std::optional<double> median_step_ms(std::string_view output) {
    const std::optional<double> sentence = number_between(output, "median ", "ms");
    return sentence ? sentence : number_between(output, "train_ms med=", "");
}

std::optional<double> peak_mebibytes(std::string_view output) {
    const std::optional<double> sentence = number_between(output, "peak memory ", "MiB");
    return sentence ? sentence : number_between(output, "peak_MiB=", "");
}

Figure step_figure() {
    return {"training step, ms", "\"median NUMBER ms\" or \"train_ms med=NUMBER\"", median_step_ms};
}

std::vector<TimedPair> compare(const std::string& our_command, const std::string& their_command,
                               const std::vector<Figure>& figures, int rounds, int threads) {
    std::vector<TimedPair> comparisons;
    for (const Figure& figure : figures) comparisons.push_back({figure.name, {}, {}});
    const auto add = [&](const std::string& command, std::vector<double> TimedPair::*side) {
        const std::vector<double> values = figures_of(command, figures, threads);
        for (std::size_t i = 0; i < figures.size(); ++i) (comparisons[i].*side).push_back(values[i]);
    };
    const auto print_round = [&] {
        for (const TimedPair& c : comparisons) {
            if (c.ours.size() != c.theirs.size()) return;
            print_line(fmt::format("round {}: {}: ours {}, theirs {}, ours / theirs {:.3f}", c.ours.size(), c.figure,
                                   digits(c.ours.back()), digits(c.theirs.back()), c.ours.back() / c.theirs.back()));
        }
    };
    alternate(
        rounds,
        [&] {
            add(our_command, &TimedPair::ours);
            print_round();
        },
        [&] {
            add(their_command, &TimedPair::theirs);
            print_round();
        });
    return comparisons;
}

std::string comparison_text(const std::vector<TimedPair>& comparisons) {
    Table table({"median of the rounds", "ours", "theirs", "ours / theirs", "quartiles"});
    for (const TimedPair& c : comparisons) {
        const Spread ratio = spread_of(c.ratio());
        table.add({c.figure, digits(spread_of(c.ours).median), digits(spread_of(c.theirs).median),
                   fmt::format("{:.3f}", ratio.median), fmt::format("{:.3f} to {:.3f}", ratio.lower, ratio.upper)});
    }
    return table.text();
}

nlohmann::json comparison_json(const std::vector<TimedPair>& comparisons) {
    nlohmann::json list = nlohmann::json::array();
    for (const TimedPair& c : comparisons)
        list.push_back({{"figure", c.figure},
                        {"ours", c.ours},
                        {"theirs", c.theirs},
                        {"ratios", c.ratio()},
                        {"ratio", spread_json(spread_of(c.ratio()))}});
    return list;
}

}  // namespace tapegrad
