// The same bits, whatever the threads.
#pragma once

#include "autograd/op.hpp"
#include "tools/conformance/report.hpp"

namespace tapegrad {

/// The samples of an op on 1, 2, 5 and 16 threads, and from four threads of the host at once, each with a context of
/// its own: the bits have to be those of one thread, every time.
void check_threads(const OpDef& op, const tg_backend& plugin, const tg_backend& reference, Report& report,
                   const Progress& progress);

}  // namespace tapegrad
