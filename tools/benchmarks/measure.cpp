#include "tools/benchmarks/measure.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace tapegrad {
namespace {

double seconds_of_block(const std::function<void()>& action, long calls, const std::function<void()>& finish) {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    for (long call = 0; call < calls; ++call) action();
    finish();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

// Seconds a call, from blocks that grow until they last `seconds`.
double rough_seconds(const std::function<void()>& action, double seconds, const std::function<void()>& finish) {
    seconds_of_block(action, 1, finish);
    for (long calls = 1;; calls *= 2)
        if (const double taken = seconds_of_block(action, calls, finish); taken >= seconds)
            return taken / static_cast<double>(calls);
}

}  // namespace

double seconds_of(const std::function<void()>& action) {
    return seconds_of_block(action, 1, [] {});
}

Spread measure_calls(const std::function<void()>& action, int warm_up, int calls) {
    for (int call = 0; call < warm_up; ++call) action();
    std::vector<double> seconds;
    for (int call = 0; call < calls; ++call) seconds.push_back(seconds_of(action));
    return spread_of(seconds);
}

std::pair<Spread, Spread> measure_in_turn(const std::function<void()>& a, const std::function<void()>& b, int warm_up,
                                          int calls) {
    for (int call = 0; call < warm_up; ++call) {
        a();
        b();
    }
    std::vector<double> seconds_of_a, seconds_of_b;
    for (int call = 0; call < calls; ++call) {
        seconds_of_a.push_back(seconds_of(a));
        seconds_of_b.push_back(seconds_of(b));
    }
    return {spread_of(seconds_of_a), spread_of(seconds_of_b)};
}

Spread measure_blocks(const std::function<void()>& action, double seconds, const std::function<void()>& finish) {
    constexpr int most_blocks = 21, fewest_blocks = 3;
    const double one_call = rough_seconds(action, seconds / 10, finish);
    const int blocks = std::clamp(static_cast<int>(seconds / one_call), fewest_blocks, most_blocks);
    const long calls = std::max(1L, static_cast<long>(seconds / blocks / one_call));
    std::vector<double> seconds_a_call;
    for (int block = 0; block < blocks; ++block)
        seconds_a_call.push_back(seconds_of_block(action, calls, finish) / static_cast<double>(calls));
    return spread_of(seconds_a_call);
}

void alternate(int rounds, const std::function<void()>& a, const std::function<void()>& b) {
    for (int round = 0; round < rounds; ++round) {
        const bool a_first = round % 2 == 0;
        (a_first ? a : b)();
        (a_first ? b : a)();
    }
}

}  // namespace tapegrad
