// A whole model on a plugin.
#pragma once

#include "tools/conformance/judge.hpp"

namespace tapegrad {

/// Two training steps of a small graph attention network, as tools/train makes them: losses, logits, gradients and
/// weights, in f32 and f64.
void check_gat_step(Judge& judge);

/// Losses and gradients of that network, on a plugin that can record kernels: a recorded step, replayed with other
/// numbers in its tensors, has the bits of one that is computed kernel by kernel.
void check_recorded_step(const tg_backend& plugin, Report& report, const Progress& progress);

}  // namespace tapegrad
