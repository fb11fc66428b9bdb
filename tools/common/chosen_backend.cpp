#include "tools/common/chosen_backend.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {
namespace {

void check_backend_name(const std::string& name, const std::vector<FoundPlugin>& plugins) {
    std::vector<std::string> known{"auto"};
    for (const FoundPlugin& plugin : plugins)
        if (std::ranges::find(known, plugin.name) == known.end()) known.push_back(plugin.name);
    if (name.find('/') != std::string::npos || std::ranges::find(known, name) != known.end()) return;
    throw ConfigError(
        "backend", fmt::format("one of {}, or a path with a '/'", fmt::join(known, ", ")), fmt::format("\"{}\"", name),
        fmt::format("The nearest is \"{}\"; TAPEGRAD_BACKEND_PATH names more folders", nearest(name, known)));
}

// Where "auto" does not take what would be better, though there is something for it to compute on: once a process, for
// a tool may open several backends.
void tell_passed_over(const std::vector<FoundPlugin>& plugins, const Backend& chosen) {
    static std::atomic<bool> told = false;
    for (const FoundPlugin& plugin : plugins)
        if (plugin.score < nothing_to_run_on && !told.exchange(true))
            log(LogLevel::info,
                fmt::format("auto takes {}, for {} cannot be used: {}", chosen.name(), plugin.name, plugin.refusal));
}

}  // namespace

BackendPtr open_chosen_backend(const std::string& name, int threads) {
    const std::vector<FoundPlugin> plugins = find_plugins();
    check_backend_name(name, plugins);
    BackendPtr backend = open_backend(name, threads, plugins);
    if (name == "auto") tell_passed_over(plugins, *backend);
    return backend;
}

}  // namespace tapegrad
