// Finding and opening backend plugins.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "autograd/backend.hpp"
#include "backends/plugin_file.hpp"

namespace tapegrad {

/// The files of plugins in $TAPEGRAD_BACKEND_PATH (folders separated by ':'), then beside the library, unopened.
std::vector<std::filesystem::path> plugin_files();

/// Every plugin of $TAPEGRAD_BACKEND_PATH (folders separated by ':'), then beside the library. The first usable one of
/// a name counts; a later one is in the list too, refused.
std::vector<FoundPlugin> find_plugins();

/// "reference; abacus (refused: it has no beads)".
std::string describe(std::span<const FoundPlugin> plugins);

/// Opens a backend by name, by the path of its file, or the one with the best probe score for "auto". Throws
/// BackendError that lists what was found and why others were refused.
BackendPtr open_backend(const std::string& name_or_path = "auto", int threads = 1);
/// The same out of plugins that were found before.
BackendPtr open_backend(const std::string& name_or_path, int threads, std::span<const FoundPlugin> plugins);

}  // namespace tapegrad
