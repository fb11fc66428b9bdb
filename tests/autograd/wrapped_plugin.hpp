// The reference plugin under another name, with its memory counted and single entries of its table exchanged.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>

#include "backends/loader.hpp"

namespace tapegrad::testing {

/// What the wrapped plugin was asked for; all zero when a new one is made.
struct PluginCounts {
    int allocations = 0;
    int frees = 0;
    int closes = 0;
    bool out_of_memory = false;  ///< set it, and alloc returns NULL from then on
    /// What may be allocated at a time; alloc returns NULL beyond.
    std::size_t most_bytes = std::numeric_limits<std::size_t>::max();
    std::map<void*, std::size_t> in_use = {};
};

/// Keep it alive as long as backends made from it.
class WrappedPlugin {
public:
    explicit WrappedPlugin(std::string name) : name_(std::move(name)), table(original()) {
        counts() = {};
        table.name = name_.c_str();
        table.alloc = [](tg_context* context, std::size_t bytes) -> void* {
            std::size_t total = bytes;
            for (const auto& [memory, size] : counts().in_use) total += size;
            if (counts().out_of_memory || total > counts().most_bytes) return nullptr;
            ++counts().allocations;
            void* const memory = original().alloc(context, bytes);
            counts().in_use[memory] = bytes;
            return memory;
        };
        table.free = [](tg_context* context, void* memory) {
            ++counts().frees;
            counts().in_use.erase(memory);
            original().free(context, memory);
        };
        table.close = [](tg_context* context) {
            ++counts().closes;
            original().close(context);
        };
    }
    WrappedPlugin(const WrappedPlugin&) = delete;
    WrappedPlugin& operator=(const WrappedPlugin&) = delete;

    /// A table has no place for a pointer of ours, so that all wrapped plugins share their counts.
    static PluginCounts& counts() {
        static PluginCounts instance;
        return instance;
    }
    static const tg_backend& original() {
        static const FoundPlugin found = load_plugin(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so");
        if (found.plugin == nullptr) throw std::runtime_error(found.refusal);
        return *found.plugin;
    }

private:
    std::string name_;

public:
    tg_backend table;
};

}  // namespace tapegrad::testing
