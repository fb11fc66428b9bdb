#include "backends/loader.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/dll/runtime_symbol_info.hpp>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace {

std::vector<std::filesystem::path> search_folders() {
    std::vector<std::filesystem::path> folders;
    const char* const variable = std::getenv("TAPEGRAD_BACKEND_PATH");
    std::string_view rest = variable == nullptr ? "" : variable;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(':'), rest.size());
        if (end > 0) folders.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    folders.emplace_back(boost::dll::this_line_location().parent_path().string());
    return folders;
}

// The files of a folder that are named as plugins are, in order.
std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code error;
    const std::filesystem::directory_iterator end;
    for (std::filesystem::directory_iterator entry(folder, error); !error && entry != end; entry.increment(error))
        if (entry->path().filename().string().starts_with(plugin_prefix) && entry->path().extension() == ".so")
            files.push_back(entry->path());
    std::ranges::sort(files);
    return files;
}

// A folder may be searched twice, under one path or several.
bool is_known(const std::vector<FoundPlugin>& plugins, const std::filesystem::path& file) {
    std::error_code error;
    return std::ranges::any_of(plugins, [&](const FoundPlugin& known) {
        return known.name == plugin_name(file) && std::filesystem::equivalent(known.path, file, error);
    });
}

const FoundPlugin* usable(const std::vector<FoundPlugin>& plugins, const std::string& name) {
    const auto found = std::ranges::find_if(
        plugins, [&](const FoundPlugin& known) { return known.name == name && known.plugin != nullptr; });
    return found == plugins.end() ? nullptr : &*found;
}

}  // namespace

std::string describe(std::span<const FoundPlugin> plugins) {
    std::string text;
    for (const FoundPlugin& found : plugins)
        text += fmt::format("{}{}{}", text.empty() ? "" : "; ", found.name,
                            found.refusal.empty() ? "" : fmt::format(" (refused: {})", found.refusal));
    return text.empty() ? "no plugin at all" : text;
}

std::vector<std::filesystem::path> plugin_files() {
    std::vector<std::filesystem::path> files;
    for (const std::filesystem::path& folder : search_folders())
        for (const std::filesystem::path& file : plugin_files(folder)) files.push_back(file);
    return files;
}

std::vector<FoundPlugin> find_plugins() {
    std::vector<FoundPlugin> plugins;
    for (const std::filesystem::path& file : plugin_files()) {
        if (is_known(plugins, file)) continue;
        FoundPlugin found{.name = plugin_name(file), .path = file};
        if (const FoundPlugin* const first = usable(plugins, found.name))
            found.refusal = "another plugin of this name was found first: " + first->path.string();
        else
            found = load_plugin(file);
        plugins.push_back(std::move(found));
    }
    return plugins;
}

BackendPtr open_backend(const std::string& name_or_path, int threads) {
    const bool is_path = name_or_path.find('/') != std::string::npos;
    return open_backend(name_or_path, threads, is_path ? std::vector<FoundPlugin>() : find_plugins());
}

BackendPtr open_backend(const std::string& name_or_path, int threads, std::span<const FoundPlugin> plugins) {
    if (threads < 1)
        throw BackendError("open_backend", "at least 1 thread", fmt::format("{}", threads),
                           "check the number of threads");
    if (name_or_path.find('/') != std::string::npos) {
        const FoundPlugin found = load_plugin(name_or_path);
        if (found.plugin == nullptr)
            throw BackendError("open_backend", "a backend plugin at " + name_or_path, found.refusal, "check the file");
        return Backend::open(*found.plugin, threads);
    }
    const FoundPlugin* best = nullptr;
    for (const FoundPlugin& found : plugins) {
        const bool wanted = name_or_path == "auto" || name_or_path == found.name;
        if (wanted && found.plugin != nullptr && (best == nullptr || found.score > best->score)) best = &found;
    }
    if (best == nullptr)
        throw BackendError("open_backend", "a usable backend '" + name_or_path + "'", describe(plugins),
                           "name one of these, or set TAPEGRAD_BACKEND_PATH to the folder of the plugin");
    return Backend::open(*best->plugin, threads);
}

}  // namespace tapegrad
