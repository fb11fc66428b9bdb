// Finding and opening backend plugins.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "autograd/backend.hpp"

namespace tapegrad {

/// A plugin file that was looked at: usable with a probe score, or refused with a sentence.
struct FoundPlugin {
    std::string name;
    std::filesystem::path path;
    const tg_backend* plugin = nullptr;  ///< null when refused
    int score = -1;
    std::string refusal;
};

/// Loads one plugin file. Never throws: a refusal is in the result. Loaded libraries stay loaded.
FoundPlugin load_plugin(const std::filesystem::path& path);

/// Every plugin of $TAPEGRAD_BACKEND_PATH (folders separated by ':'), then beside the library; the first of a name
/// counts.
std::vector<FoundPlugin> find_plugins();

/// Opens a backend by name, by the path of its file, or the one with the best probe score for "auto". Throws
/// BackendError that lists what was found and why others were refused.
BackendPtr open_backend(const std::string& name_or_path = "auto", int threads = 1);
/// The same out of plugins that were found before.
BackendPtr open_backend(const std::string& name_or_path, int threads, std::span<const FoundPlugin> plugins);

}  // namespace tapegrad
