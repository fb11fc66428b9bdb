#include "tools/training/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tapegrad {

void PartTimes::begin(std::string name) {
    end();
    seconds_.push_back({std::move(name), 0});
    began_ = std::chrono::steady_clock::now();
    running_ = true;
}

void PartTimes::end() {
    if (!running_) return;
    seconds_.back().seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    running_ = false;
}

namespace {

const char* kernel_of(const OpProfile::Row& row) {
    return row.composed == 0 ? "native" : row.native == 0 ? "composed" : "both";
}

// What the steps took beside their ops: the tape, the optimizer's loop, reading the loss back.
double seconds_outside_ops(const Explanation& explanation) {
    double seconds = explanation.step_seconds;
    for (const OpProfile::Row& row : explanation.ops) seconds -= row.self_seconds;
    return seconds;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
    const double steps = std::max(1, explanation.steps);
    const auto share = [&](double seconds) {
        return explanation.step_seconds > 0 ? 100 * seconds / explanation.step_seconds : 0;
    };
    std::string text = explanation.backend + "\n\n";
    text += fmt::format("{:<30} {:<8} {:>10} {:>9} {:>7} {:>11} {:>9} {:>9}\n", "op", "kernel", "calls/step", "ms/step",
                        "share", "with inside", "MB read", "written");
    for (const OpProfile::Row& row : explanation.ops)
        text += fmt::format("{:<30} {:<8} {:>10.1f} {:>9.4f} {:>6.1f}% {:>11.4f} {:>9.3f} {:>9.3f}\n", row.op,
                            kernel_of(row), static_cast<double>(row.native + row.composed) / steps,
                            1e3 * row.self_seconds / steps, share(row.self_seconds), 1e3 * row.seconds / steps,
                            1e-6 * static_cast<double>(row.bytes_read) / steps,
                            1e-6 * static_cast<double>(row.bytes_written) / steps);
    const double outside = seconds_outside_ops(explanation);
    text += fmt::format("{:<30} {:<8} {:>10} {:>9.4f} {:>6.1f}%\n", "outside ops", "", "", 1e3 * outside / steps,
                        share(outside));
    text += fmt::format("{:<30} {:<8} {:>10} {:>9.4f}\n\n", "training step", "", explanation.steps,
                        1e3 * explanation.step_seconds / steps);
    double total = 0;
    for (const auto& [part, seconds] : explanation.parts) {
        text += fmt::format("{:<30} {:>10.4f} s\n", part, seconds);
        total += seconds;
    }
    return text + fmt::format("{:<30} {:>10.4f} s\n", "all parts", total);
}

nlohmann::json to_json(const Explanation& explanation) {
    nlohmann::json ops = nlohmann::json::array(), parts = nlohmann::json::array();
    for (const OpProfile::Row& row : explanation.ops)
        ops.push_back({{"op", row.op},
                       {"native", row.native},
                       {"composed", row.composed},
                       {"seconds", row.seconds},
                       {"self_seconds", row.self_seconds},
                       {"bytes_read", row.bytes_read},
                       {"bytes_written", row.bytes_written}});
    for (const auto& [part, seconds] : explanation.parts) parts.push_back({{"part", part}, {"seconds", seconds}});
    return {{"backend", explanation.backend},
            {"steps", explanation.steps},
            {"step_seconds", explanation.step_seconds},
            {"ops", ops},
            {"parts", parts}};
}

}  // namespace tapegrad
