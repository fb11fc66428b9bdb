// One plugin file: its table, whether it can run here, and which mandatory kernels it lacks.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/backend.hpp"
#include "backends/backend_abi.h"

namespace tapegrad {

/// The score of a plugin that this machine has nothing for. With a lower one there is, and it cannot be used.
inline constexpr int nothing_to_run_on = -1;

/// A plugin file that was looked at: usable with a probe score, or refused with a sentence.
struct FoundPlugin {
    std::string name;
    std::filesystem::path path;
    const tg_backend* plugin = nullptr;  ///< as this library knows it; null when refused
    int score = nothing_to_run_on;       ///< of its probe, if that was asked
    std::string refusal;
};

/// What the name of a plugin's file begins with; NAME.so follows.
inline constexpr std::string_view plugin_prefix = "libtapegrad_backend_";

/// The NAME in a plugin's file name; of any other file, the name without its ending.
std::string plugin_name(const std::filesystem::path& path);

/// Why a table cannot be used (null, another major ABI version, too short, a null entry), or "".
std::string table_refusal(const tg_backend* table);

/// Loads a plugin file as far as its table: one of this major ABI version, under the file's name. It was not probed
/// and may lack kernels. Never throws: a refusal is in the result. Loaded libraries stay loaded.
FoundPlugin read_plugin(const std::filesystem::path& path);

/// Asks a plugin that was read whether it can run here: sets its score, or refuses it.
void probe_plugin(FoundPlugin& found);

/// The mandatory kernels that a plugin lacks, each with the dtypes for which it does. Throws what the plugin throws,
/// which it must not.
std::vector<MandatoryKernel> lacking_kernels(const tg_backend& plugin);
/// The same in words, for example "fill (f64, i32), matmul (f32, f64)", or "". Throws as
/// that.
std::string missing_kernels(const tg_backend& plugin);

/// All of it: a result with a plugin is one that can be opened. Never throws.
FoundPlugin load_plugin(const std::filesystem::path& path);

}  // namespace tapegrad
