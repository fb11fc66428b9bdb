// The whole judgement of a backend plugin, as tools/check-backend gives it.
#pragma once

#include <filesystem>
#include <string>

#include "tools/conformance/judgement.hpp"

namespace tapegrad {

struct CheckOptions {
    std::string ops = "*";   ///< a pattern, as the shell matches files: only kernels and ops whose names match
    int at_once = 1;         ///< child processes at a time
    unsigned seconds = 300;  ///< after which a child process is stopped
    Progress progress = {};  ///< told before each part
};

/// Loads the file, probes and opens it, in a child process. Whatever happens there is told in `refusal`.
PluginFacts facts_of(const std::filesystem::path& plugin, unsigned seconds = 60);

/// Judges a plugin from the simplest to the whole: its table, its memory, the mandatory kernels one by one, then every
/// op, threads, and the training of a graph attention network with all its kernels, with the mandatory ones alone and,
/// where it can, recorded. Ops and so on wait until the mandatory kernels are right. Everything that touches the plugin
/// runs in child processes. Throws ConfigError for a pattern that matches nothing.
Judgement check_plugin(const std::filesystem::path& plugin, const CheckOptions& options);

/// The file of the plugin that a person means: a path, or the name of one that the loader finds. Throws ConfigError
/// that lists those that there are, with why some cannot be used.
std::filesystem::path plugin_file(const std::string& name_or_path);

}  // namespace tapegrad
