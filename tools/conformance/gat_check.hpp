// A whole model on a plugin.
#pragma once

#include "tools/conformance/judge.hpp"

namespace tapegrad {

/// Two training steps of a small graph attention network, as tools/train makes them: losses, logits, gradients and
/// weights, in f32 and f64.
void check_gat_step(Judge& judge);

}  // namespace tapegrad
