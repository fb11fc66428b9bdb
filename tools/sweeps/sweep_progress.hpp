// What a person sees while a sweep runs, on stderr.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "tools/sweeps/summary.hpp"

namespace tapegrad {

/// One line that is kept up to date on a terminal, a line a run elsewhere.
class SweepProgress {
public:
    /// `runs` in all, `jobs` at a time.
    SweepProgress(std::size_t runs, int jobs);

    /// Counts a run that was there already.
    void take(const SweepResult& result);
    /// From here on time counts.
    void begin();
    /// Counts a run that has ended now, and shows it.
    void show(const SweepResult& result);
    void end();

private:
    void count(const SweepResult& result);
    std::string standing() const;

    std::size_t runs_;
    int jobs_;
    bool one_line_;
    std::size_t ended_ = 0, reused_ = 0, failed_ = 0, right_ = 0;
    double accuracies_ = 0;
    std::chrono::steady_clock::time_point began_{};
};

}  // namespace tapegrad
