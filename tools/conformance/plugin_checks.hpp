// What a plugin's table has to do besides kernels, and whole computations on it.
#pragma once

#include "autograd/op.hpp"
#include "tools/conformance/judge.hpp"

namespace tapegrad {

/// Contexts, memory, transfers and words: open, close, alloc, free, upload, download, sync, last_error, describe, and
/// what kernel() says to names that do not exist.
void check_memory(const tg_backend& plugin, Report& report, const Progress& progress);

/// The samples of an op on 1, 2 and 5 threads, and from four threads of the host at once, each with a context of its
/// own: the bits have to be those of one thread, every time.
void check_threads(const OpDef& op, const tg_backend& plugin, const tg_backend& reference, Report& report,
                   const Progress& progress);

/// Two training steps of a small graph attention network, as tools/train makes them: losses, logits, gradients and
/// weights, in f32 and f64.
void check_gat_step(Judge& judge);

}  // namespace tapegrad
