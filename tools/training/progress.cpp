#include "tools/training/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tapegrad {
namespace {

using namespace std::chrono_literals;

constexpr auto between_drawings = 50ms;

// Not by fmt, which would throw when the terminal is gone: that is no reason to stop.
void draw(const std::string& text) {
    std::fputs(text.c_str(), stderr);
    std::fflush(stderr);
}

std::size_t terminal_width() {
    winsize size = {};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string clock_text(double seconds) {
    const long long whole = std::llround(std::max(seconds, 0.0));
    if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string progress_text(const EpochReport& report, const BestWeights& best, double rate, int epochs_left) {
    std::string text =
        fmt::format("Epoch {:05} | Loss {:.4f} | Time(s) {:.4f}", report.epoch, report.train_loss, report.step_seconds);
    if (report.validation)
        text += fmt::format(" | Val loss {:.4f} | Val accuracy {:.4f}", report.validation->loss,
                            report.validation->accuracy);
    if (report.train_accuracy) text += fmt::format(" | Train accuracy {:.4f}", *report.train_accuracy);
    if (best.validation) text += fmt::format(" | Best {:.4f} at {:05}", best.validation->accuracy, best.epoch);
    if (rate > 0) text += fmt::format(" | {:.0f} epochs/s | {} left", rate, clock_text(epochs_left / rate));
    return text;
}

std::string short_progress_text(const EpochReport& report, const BestWeights& best, double rate, int epochs) {
    std::string text = fmt::format("{}/{}  loss {:.4f}", report.epoch + 1, epochs, report.train_loss);
    if (report.validation)
        text += fmt::format("  val {:.4f}  accuracy {:.4f}", report.validation->loss, report.validation->accuracy);
    if (best.validation) text += fmt::format("  best {:.4f} at {}", best.validation->accuracy, best.epoch);
    if (rate > 0) text += fmt::format("  {:.0f}/s  {} left", rate, clock_text((epochs - report.epoch - 1) / rate));
    return text;
}

Progress::Progress(int epochs, bool quiet)
    : epochs_(epochs),
      lines_(!quiet && !(isatty(STDERR_FILENO) && isatty(STDOUT_FILENO))),
      one_line_(!quiet && isatty(STDERR_FILENO)) {}

void Progress::show(const EpochReport& report, const BestWeights& best) {
    const Clock::time_point now = Clock::now();
    const double rate = shown_ / std::chrono::duration<double>(now - began_).count();  // since the first one
    if (shown_++ == 0) began_ = now;
    const int left = epochs_ - report.epoch - 1;
    if (lines_) {
        // Without validation a line has the form of tutorials, which programs read.
        fmt::print("{}\n", progress_text(report, best, report.validation ? rate : 0, left));
        std::fflush(stdout);
    }
    if (!one_line_) return;
    last_ = short_progress_text(report, best, rate, epochs_).substr(0, terminal_width() - 1);
    if (now - drawn_ < between_drawings) return;
    drawn_ = now;
    draw("\r\x1b[K" + last_);
}

void Progress::end() {
    if (!one_line_ || last_.empty()) return;
    draw("\r\x1b[K" + last_ + "\n");
    last_.clear();
}

}  // namespace tapegrad
