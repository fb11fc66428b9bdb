#include "backends/plugin_file.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>

#include "backends/elf_header.hpp"

namespace tapegrad {

namespace {

// Libraries stay loaded until the process ends: tensors, kernels and thread pools may outlive any owner.
void keep_loaded(boost::dll::shared_library library) {
    static std::mutex mutex;
    static auto* const kept = new std::deque<boost::dll::shared_library>();
    const std::lock_guard lock(mutex);
    kept->push_back(std::move(library));
}

// Why the system did not load a file: `reason` is what it said itself, which for another machine's library is nothing
// that helps.
std::string loading_refusal(const std::filesystem::path& path, const std::string& reason) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) return "there is no such file";
    const std::string machine = machine_of(path), here = machine_of(boost::dll::this_line_location().string());
    if (!machine.empty() && machine != here)
        return fmt::format("it was built for {}, this machine is {}: rebuild it here", machine, here);
    return "it is not a shared library that can be loaded: " + reason;
}

// Calls into a plugin, which must not throw; what it throws nevertheless becomes the refusal.
template <class Call>
void refuse_if_thrown(FoundPlugin& found, std::string_view function, const Call& call) {
    std::string what;
    try {
        return call();
    } catch (const std::exception& error) {
        what = error.what();
    } catch (...) {
        what = "something that is no std::exception";
    }
    found.plugin = nullptr;
    found.refusal = fmt::format("its {} threw: {}", function, what);
}

std::string first_null_entry(const tg_backend& table) {
    const std::pair<const char*, bool> entries[] = {
        {"name", table.name == nullptr},         {"version", table.version == nullptr},
        {"probe", table.probe == nullptr},       {"open", table.open == nullptr},
        {"close", table.close == nullptr},       {"alloc", table.alloc == nullptr},
        {"free", table.free == nullptr},         {"upload", table.upload == nullptr},
        {"download", table.download == nullptr}, {"sync", table.sync == nullptr},
        {"kernel", table.kernel == nullptr},     {"last_error", table.last_error == nullptr},
        {"describe", table.describe == nullptr}};
    for (const auto& [name, is_null] : entries)
        if (is_null) return name;
    return "";
}

// The entries for recording kernels come together or not at all.
bool has_part_of_capture(const tg_backend& table) {
    const int entries = (table.begin_capture != nullptr) + (table.end_capture != nullptr) + (table.replay != nullptr) +
                        (table.free_graph != nullptr) + (table.graph_size != nullptr);
    return entries != 0 && entries != 5;
}

bool has_part_of_downloads(const tg_backend& table) {
    return (table.begin_download != nullptr) != (table.finish_download != nullptr);
}

// The bytes of the table of 1.0, which every plugin of 1.x has.
constexpr std::size_t least_table = offsetof(tg_backend, graph_size) + sizeof(tg_backend::graph_size);

std::string version_text(std::uint32_t version) { return fmt::format("{}.{}", version >> 16, version & 0xffff); }

// The table as this library knows it: entries that the plugin does not have are null, those of a later minor version
// are left out.
tg_backend whole_table(const tg_backend& table) {
    tg_backend whole = {};
    std::memcpy(&whole, &table, std::min<std::size_t>(table.struct_size, sizeof(whole)));
    return whole;
}

// Stays until the process ends.
const tg_backend* keep(const tg_backend& table) {
    static std::mutex mutex;
    static auto* const kept = new std::deque<tg_backend>();
    const std::lock_guard lock(mutex);
    return &kept->emplace_back(table);
}

}  // namespace

std::string plugin_name(const std::filesystem::path& path) {
    const std::string stem = path.stem().string();
    return stem.starts_with(plugin_prefix) ? stem.substr(plugin_prefix.size()) : stem;
}

std::string table_refusal(const tg_backend* table) {
    if (table == nullptr) return "tapegrad_backend() returned no table";
    if (table->abi_version >> 16 != TG_ABI_MAJOR)
        return fmt::format(
            "it was built for ABI version {}, this library takes {}.x: rebuild it with this backend_abi.h",
            version_text(table->abi_version), TG_ABI_MAJOR);
    if (table->struct_size < least_table)
        return fmt::format(
            "its table has {} bytes, that of ABI version {}.0 has {}: rebuild it with this backend_abi.h",
            table->struct_size, TG_ABI_MAJOR, least_table);
    const tg_backend whole = whole_table(*table);
    const std::string entry = first_null_entry(whole);
    if (!entry.empty()) return fmt::format("its table has no `{}`: the entry is null", entry);
    if (has_part_of_capture(whole))
        return "its table has some of begin_capture, end_capture, replay, free_graph and graph_size, but not all of "
               "them";
    return has_part_of_downloads(whole) ? "its table has one of begin_download and finish_download without the other"
                                        : "";
}

FoundPlugin read_plugin(const std::filesystem::path& path) {
    FoundPlugin found;
    found.name = plugin_name(path);
    found.path = path;
    boost::dll::fs::error_code error;
    boost::dll::shared_library library(path.string(), error,
                                       boost::dll::load_mode::rtld_local | boost::dll::load_mode::rtld_now);
    if (error) {
        // Boost says only that it failed; dlerror still knows why.
        const char* const reason = dlerror();
        found.refusal = loading_refusal(path, reason != nullptr ? reason : error.message());
    } else if (!library.has(TG_ENTRY_POINT)) {
        found.refusal = "it has no function tapegrad_backend: not a backend plugin";
    } else {
        const auto entry_point = &library.get<const tg_backend*()>(TG_ENTRY_POINT);
        keep_loaded(std::move(library));
        refuse_if_thrown(found, "tapegrad_backend()", [&] {
            const tg_backend* const table = entry_point();
            found.refusal = table_refusal(table);
            if (found.refusal.empty() && table->name != found.name)
                found.refusal = fmt::format("it calls itself '{}': its file has to be named {}{}.so", table->name,
                                            plugin_prefix, table->name);
            if (found.refusal.empty()) found.plugin = keep(whole_table(*table));
        });
    }
    return found;
}

void probe_plugin(FoundPlugin& found) {
    refuse_if_thrown(found, "probe", [&] {
        const char* reason = nullptr;
        found.score = found.plugin->probe(&reason);
        if (found.score >= 0) return;
        found.plugin = nullptr;
        found.refusal = reason == nullptr ? "its probe failed without a reason" : reason;
    });
}

std::vector<MandatoryKernel> lacking_kernels(const tg_backend& plugin) {
    std::vector<MandatoryKernel> lacking;
    for (MandatoryKernel kernel : mandatory_kernels()) {
        std::erase_if(kernel.dtypes,
                      [&](DType dtype) { return plugin.kernel(kernel.name, static_cast<tg_dtype>(dtype)) != nullptr; });
        if (!kernel.dtypes.empty()) lacking.push_back(std::move(kernel));
    }
    return lacking;
}

std::string missing_kernels(const tg_backend& plugin) {
    std::string missing;
    for (const MandatoryKernel& kernel : lacking_kernels(plugin)) {
        std::string dtypes;
        for (const DType dtype : kernel.dtypes) dtypes += (dtypes.empty() ? "" : ", ") + to_string(dtype);
        missing += fmt::format("{}{} ({})", missing.empty() ? "" : ", ", kernel.name, dtypes);
    }
    return missing;
}

FoundPlugin load_plugin(const std::filesystem::path& path) {
    FoundPlugin found = read_plugin(path);
    if (found.plugin != nullptr) probe_plugin(found);
    // After the probe: what cannot run here need not have kernels.
    if (found.plugin != nullptr)
        refuse_if_thrown(found, "kernel()", [&] {
            const std::string missing = missing_kernels(*found.plugin);
            if (missing.empty()) return;
            found.plugin = nullptr;
            found.refusal = "it lacks the mandatory kernels " + missing;
        });
    return found;
}

}  // namespace tapegrad
