// Our own figures beside those of another program.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/common/statistics.hpp"

namespace tapegrad {

/// The first finite number that follows `before` in `output` (after blanks) and is followed by `after`, if that is not
/// empty.
std::optional<double> number_between(std::string_view output, std::string_view before, std::string_view after);

/// The median training step in milliseconds that a program printed, as "median 1.150 ms" or "train_ms med=1.150".
std::optional<double> median_step_ms(std::string_view output);

/// The peak memory in MiB that a program printed, as "peak memory 72 MiB" or "peak_MiB=72".
std::optional<double> peak_mebibytes(std::string_view output);

/// A figure that both programs print.
struct Figure {
    std::string name;      ///< "training step, ms"
    std::string patterns;  ///< what has to stand in the output, for messages
    std::function<std::optional<double>(std::string_view output)> find;
};

/// "training step, ms", found by median_step_ms.
Figure step_figure();

/// What two programs printed, once a round.
struct TimedPair {
    std::string figure;
    std::vector<double> ours, theirs;

    /// ours / theirs, round by round: below 1 we are faster.
    std::vector<double> ratio() const { return ratios(ours, theirs); }
};

/// Runs both commands `rounds` times, alternating as `alternate` does, and prints every round. Throws BackendError for
/// a command that fails or does not print one of the figures.
std::vector<TimedPair> compare(const std::string& our_command, const std::string& their_command,
                               const std::vector<Figure>& figures, int rounds, int threads);

/// A table: medians of both sides, and the median ratio with its quartiles.
std::string comparison_text(const std::vector<TimedPair>& comparisons);
/// The same and the single rounds, one object a figure.
nlohmann::json comparison_json(const std::vector<TimedPair>& comparisons);

}  // namespace tapegrad
