// A chart of lines in HTML: SVG for the lines, which takes whatever room there is, and text beside it, which keeps its
// size.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/comparisons/comparison.hpp"

namespace tapegrad {

/// The curves of all runs, thin, under the means of their groups. Of long runs every k-th epoch is drawn, so that the
/// page stays small; the caption says so. A sentence where no run has a point.
std::string line_chart(const RunComparison& comparison, const GroupCurves& curves);

/// A line a group: a dot a run, the mean, and its 95 % interval.
std::string strip_chart(const RunComparison& comparison);

/// The class of a group's colour: "group-0", again after 8 groups.
std::string group_class(std::size_t group);

}  // namespace tapegrad
