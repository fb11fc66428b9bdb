// The neighbourhood of a node as a drawing.
#pragma once

#include <string>

#include "tools/reports/node_view.hpp"

namespace tapegrad {

/// An SVG file that needs nothing else: the node in the middle, the neighbours with the largest weights around it, and
/// outside those two hops away where the view has them. A line is the wider the larger its weight in the last of the
/// view's layers; the disc of a node has the colour and number of its label, its ring the colour of what is predicted.
/// Light or dark as the reader's system is.
std::string to_svg(const NodeView& view);

}  // namespace tapegrad
