// What a plugin's table has to do besides kernels.
#pragma once

#include "backends/backend_abi.h"
#include "tools/conformance/report.hpp"

namespace tapegrad {

/// Contexts, memory, transfers and words: open, close, alloc, free, upload, download, sync, last_error, describe,
/// begin_download and finish_download where they are, and what kernel() says to names that do not exist.
void check_memory(const tg_backend& plugin, Report& report, const Progress& progress);

}  // namespace tapegrad
