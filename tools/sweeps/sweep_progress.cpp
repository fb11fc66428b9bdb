#include "tools/sweeps/sweep_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "tools/common/log.hpp"
#include "tools/training/progress.hpp"

namespace tapegrad {

SweepProgress::SweepProgress(std::size_t runs, int jobs)
    : runs_(runs), jobs_(jobs), one_line_(isatty(STDERR_FILENO) && logs(LogLevel::info)) {}

void SweepProgress::count(const SweepResult& result) {
    ++ended_;
    if (result.reused) ++reused_;
    if (result.result.is_null()) {
        ++failed_;
        return;
    }
    ++right_;
    accuracies_ += result.result.at("test_accuracy").get<double>();
}

void SweepProgress::take(const SweepResult& result) { count(result); }

void SweepProgress::begin() {
    began_ = std::chrono::steady_clock::now();
    log(LogLevel::info, fmt::format("{} runs, {} of them there already, {} at a time", runs_, reused_, jobs_));
}

std::string SweepProgress::standing() const {
    std::string text = fmt::format("{}/{} runs", ended_, runs_);
    if (right_ > 0)
        text += fmt::format(", mean test accuracy {:.2f} %", 100 * accuracies_ / static_cast<double>(right_));
    if (failed_ > 0) text += fmt::format(", {} failed", failed_);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    const auto made = static_cast<double>(ended_ - reused_), left = static_cast<double>(runs_ - ended_);
    if (made > 0) text += fmt::format(", {} left", clock_text(seconds / made * left));
    return text;
}

void SweepProgress::show(const SweepResult& result) {
    count(result);
    if (one_line_) {
        fmt::print(stderr, "\r\x1b[K{}", standing());
        std::fflush(stderr);
    } else if (!result.result.is_null()) {
        log(LogLevel::info, fmt::format("{}: test accuracy {:.4f} ({})", result.run.name,
                                        result.result.at("test_accuracy").get<double>(), standing()));
    }
}

void SweepProgress::end() {
    if (one_line_ && ended_ > reused_) fmt::print(stderr, "\n");
}

}  // namespace tapegrad
