// How time is taken.
#pragma once

#include <functional>
#include <utility>

#include "tools/common/statistics.hpp"

namespace tapegrad {

/// Seconds that one call takes.
double seconds_of(const std::function<void()>& action);

/// Times each of `calls` calls, after `warm_up` calls that are not counted. In seconds. For actions of a millisecond
/// or more.
Spread measure_calls(const std::function<void()>& action, int warm_up, int calls);

/// The same of two actions in turn, a b a b ..: each finds the caches as the other one leaves them.
std::pair<Spread, Spread> measure_in_turn(const std::function<void()>& a, const std::function<void()>& b, int warm_up,
                                          int calls);

/// Times blocks of calls, each long enough for the clock, for about `seconds` in all after a tenth of that to warm up.
/// In seconds a call. For actions of any length; long ones run at least three times. Each block ends with `finish`,
/// which waits where a call only begins the work.
Spread measure_blocks(
    const std::function<void()>& action, double seconds, const std::function<void()>& finish = [] {});

/// Runs two actions `rounds` times each in the order A B B A A B B A, so that a machine that grows slower or faster
/// favours neither.
void alternate(int rounds, const std::function<void()>& a, const std::function<void()>& b);

}  // namespace tapegrad
