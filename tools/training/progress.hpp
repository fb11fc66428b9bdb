// What a person sees while a model is trained.
#pragma once

#include <chrono>
#include <string>

#include "tools/training/trainer.hpp"

namespace tapegrad {

/// Where training stands, in words: "Epoch 00012 | Loss 1.8210 | Time(s) 0.0011 | Val loss ... | Val
/// accuracy ... | Train accuracy ... | Best 0.7920 at 00009 |
/// 650 epochs/s | 0:01 left". `rate`: epochs a second, 0 if not known yet; without it nothing is said of the time left.
std::string progress_text(const EpochReport& report, const BestWeights& best, double rate, int epochs_left);

/// The same in fewer than 80 columns: "13/1000  loss 1.8210  val 1.5000  accuracy 0.7900  best 0.7920 at 9  650/s  0:01
/// left".
std::string short_progress_text(const EpochReport& report, const BestWeights& best, double rate, int epochs);

/// "1:02:03", "2:03".
std::string clock_text(double seconds);

/// Prints a line an epoch to stdout; where stderr is a terminal, it instead keeps one line there up to date, and prints
/// lines only if stdout goes elsewhere.
class Progress {
public:
    /// `quiet`: nothing at all.
    Progress(int epochs, bool quiet);
    ~Progress() { end(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(const EpochReport& report, const BestWeights& best);
    /// Leaves the line that was kept up to date, so that the next text begins on one of its own.
    void end();

private:
    using Clock = std::chrono::steady_clock;

    int epochs_;
    bool lines_, one_line_;
    int shown_ = 0;
    Clock::time_point began_ = Clock::now(), drawn_{};
    std::string last_;
};

}  // namespace tapegrad
