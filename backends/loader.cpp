#include "backends/loader.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>

#include <fmt/format.h>
#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace {

constexpr const char* file_prefix = "libtapegrad_backend_";

// Libraries stay loaded until the process ends: tensors, kernels and thread pools may outlive any owner.
void keep_loaded(boost::dll::shared_library library) {
    static std::mutex mutex;
    static auto* const kept = new std::deque<boost::dll::shared_library>();
    const std::lock_guard lock(mutex);
    kept->push_back(std::move(library));
}

std::string name_in(const std::filesystem::path& path) {
    const std::string stem = path.stem().string();
    return stem.starts_with(file_prefix) ? stem.substr(std::string_view(file_prefix).size()) : stem;
}

std::string missing_kernels(const tg_backend& plugin) {
    std::string missing;
    for (const MandatoryKernel& kernel : mandatory_kernels())
        for (const DType dtype : kernel.dtypes)
            if (plugin.kernel(kernel.name, static_cast<tg_dtype>(dtype)) == nullptr)
                missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", kernel.name, to_string(dtype));
    return missing;
}

// Why a table cannot be used, or "".
std::string refusal_of(const tg_backend* plugin) {
    if (plugin == nullptr) return "tapegrad_backend() returned no table";
    if (plugin->abi_version != TG_ABI_VERSION)
        return fmt::format("it was built for ABI version {}, this library has {}: rebuild it with this backend_abi.h",
                           plugin->abi_version, TG_ABI_VERSION);
    if (plugin->struct_size != sizeof(tg_backend))
        return fmt::format("its table has {} bytes, this library's {}: rebuild it with this backend_abi.h",
                           plugin->struct_size, sizeof(tg_backend));
    const bool complete = plugin->name && plugin->version && plugin->probe && plugin->open && plugin->close &&
                          plugin->alloc && plugin->free && plugin->upload && plugin->download && plugin->sync &&
                          plugin->last_error && plugin->describe && plugin->kernel;
    return complete ? "" : "an entry of its table is null";
}

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

std::string describe(std::span<const FoundPlugin> plugins) {
    std::string text;
    for (const FoundPlugin& found : plugins)
        text += fmt::format("{}{}{}", text.empty() ? "" : "; ", found.name,
                            found.refusal.empty() ? "" : fmt::format(" (refused: {})", found.refusal));
    return text.empty() ? "no plugin at all" : text;
}

}  // namespace

FoundPlugin load_plugin(const std::filesystem::path& path) {
    FoundPlugin found;
    found.name = name_in(path);
    found.path = path;
    boost::dll::fs::error_code error;
    boost::dll::shared_library library(path.string(), error,
                                       boost::dll::load_mode::rtld_local | boost::dll::load_mode::rtld_now);
    if (error) {
        // Boost says only that it failed; dlerror still knows why.
        const char* const reason = dlerror();
        std::error_code ignored;
        if (!std::filesystem::exists(path, ignored))
            found.refusal = "there is no such file";
        else
            found.refusal = "it is not a shared library that can be loaded: " + (reason ? reason : error.message());
    } else if (!library.has(TG_ENTRY_POINT)) {
        found.refusal = "it has no function tapegrad_backend: not a backend plugin";
    } else {
        const tg_backend* const plugin = library.get<const tg_backend*()>(TG_ENTRY_POINT)();
        keep_loaded(std::move(library));
        found.refusal = refusal_of(plugin);
        if (found.refusal.empty() && plugin->name != found.name)
            found.refusal = fmt::format("it calls itself '{}': its file has to be named {}{}.so", plugin->name,
                                        file_prefix, plugin->name);
        if (found.refusal.empty()) {
            const char* reason = nullptr;
            found.score = plugin->probe(&reason);
            if (found.score < 0) found.refusal = reason == nullptr ? "its probe failed without a reason" : reason;
        }
        // After the probe: what cannot run here need not have kernels.
        if (found.refusal.empty()) {
            const std::string missing = missing_kernels(*plugin);
            if (!missing.empty()) found.refusal = "it lacks the mandatory kernels " + missing;
        }
        if (found.refusal.empty()) found.plugin = plugin;
    }
    return found;
}

std::vector<FoundPlugin> find_plugins() {
    std::vector<FoundPlugin> plugins;
    for (const std::filesystem::path& folder : search_folders()) {
        std::error_code error;
        std::vector<std::filesystem::path> files;
        const std::filesystem::directory_iterator end;
        for (std::filesystem::directory_iterator entry(folder, error); !error && entry != end; entry.increment(error))
            if (entry->path().filename().string().starts_with(file_prefix) && entry->path().extension() == ".so")
                files.push_back(entry->path());
        std::ranges::sort(files);
        const auto is_usable = [&](const std::string& name) {
            return std::ranges::any_of(plugins,
                                       [&](const FoundPlugin& known) { return known.name == name && known.plugin; });
        };
        for (const std::filesystem::path& file : files)
            if (!is_usable(name_in(file))) plugins.push_back(load_plugin(file));
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
