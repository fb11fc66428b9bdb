#include "tools/conformance/memory_check.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace tapegrad {
namespace {

// A context with what is asked of it; every question counts as a case.
class MemoryCheck {
public:
    MemoryCheck(const tg_backend& plugin, Report& report, const Progress& progress)
        : plugin_(plugin), report_(report), progress_(progress) {}

    bool require(bool holds, const std::string& what, const std::string& fault) {
        progress_("memory, " + what);
        ++report_.cases;
        if (!holds) report_.faults.push_back(what + ": " + fault);
        return holds;
    }

    tg_context* open(int threads) {
        tg_context* context = nullptr;
        const int status = plugin_.open(threads, &context);
        const std::string what = fmt::format("open({} threads)", threads);
        if (!require(status == TG_OK, what, fmt::format("it failed: {}", words(nullptr)))) return nullptr;
        return require(context != nullptr, what, "it succeeded and set no context") ? context : nullptr;
    }

    void refuses_no_threads() {
        tg_context* context = nullptr;
        const int status = plugin_.open(0, &context);
        require(status != TG_OK, "open(0 threads)", "it succeeded; there have to be at least 1");
        require(status == TG_OK || !words(nullptr).empty(), "last_error(NULL) after open(0 threads)",
                "it says nothing of why");
        if (status == TG_OK) plugin_.close(context);
    }

    void describes(tg_context* context) {
        const char* const text = plugin_.describe(context);
        require(text != nullptr && std::strlen(text) > 0 && std::strchr(text, '\n') == nullptr, "describe",
                "it has to be one line that says what computes");
        require(plugin_.last_error(context) != nullptr, "last_error", "it is NULL before anything failed");
    }

    void moves_bytes(tg_context* context) {
        std::vector<std::pair<std::byte*, std::vector<std::byte>>> blocks;
        for (const std::size_t size : {1, 63, 64, 65, 1000, 4097, 1 << 20, 5 << 20}) {
            const std::string what = fmt::format("alloc({})", size);
            auto* const memory = static_cast<std::byte*>(plugin_.alloc(context, size));
            if (!require(memory != nullptr, what, "no memory: " + words(context))) continue;
            require(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0, what, "it is not aligned to 64 bytes");
            std::vector<std::byte> bytes(size);
            for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + size);
            require(plugin_.upload(context, memory, bytes.data(), size) == TG_OK, what + ", upload", words(context));
            blocks.emplace_back(memory, std::move(bytes));
        }
        for (auto& [memory, bytes] : blocks) {
            const std::string what = fmt::format("download of {} bytes", bytes.size());
            std::vector<std::byte> back(bytes.size());
            require(plugin_.download(context, back.data(), memory, back.size()) == TG_OK, what, words(context));
            require(back == bytes, what, "other bytes than those that were uploaded");
            const std::size_t middle = bytes.size() / 2;
            plugin_.download(context, back.data(), memory + middle, bytes.size() - middle);
            require(std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(middle), bytes.end(), back.begin()),
                    what + " from the middle of a block", "other bytes than those that were uploaded");
        }
        require(plugin_.sync(context) == TG_OK, "sync", words(context));
        for (const auto& [memory, bytes] : blocks) plugin_.free(context, memory);
    }

    // What is overwritten after a download was begun is downloaded as it was; downloads may be finished in any order.
    // In the second round what the first one used may be used again, for other sizes; the third has small ones alone,
    // which a device may leave on their way longer.
    void downloads_what_was_there(tg_context* context) {
        if (plugin_.begin_download == nullptr) return;
        for (const std::vector<std::size_t>& sizes :
             {std::vector<std::size_t>{1, 3000, 100000, 64}, {100000, 64, 1, 3000}, {7, 2000, 64, 3000}}) {
            const std::size_t largest = std::ranges::max(sizes);
            auto* const memory = static_cast<std::byte*>(plugin_.alloc(context, largest));
            if (!require(memory != nullptr, fmt::format("alloc({})", largest), "no memory: " + words(context))) return;
            std::vector<tg_download*> downloads;
            for (const std::size_t size : sizes) {
                fill(context, memory, largest, size);
                tg_download* download = nullptr;
                const int status = plugin_.begin_download(context, memory + largest - size, size, &download);
                if (require(status == TG_OK && download != nullptr, fmt::format("begin_download of {} bytes", size),
                            "it failed or made no download: " + words(context)))
                    downloads.push_back(download);
            }
            fill(context, memory, largest, 0);
            plugin_.free(context, memory);
            if (downloads.size() != sizes.size()) {
                for (tg_download* const download : downloads) plugin_.finish_download(context, download, nullptr);
                return;
            }
            require(plugin_.finish_download(context, downloads[1], nullptr) == TG_OK, "finish_download(NULL)",
                    words(context));
            for (const std::size_t i : {3, 0, 2}) {
                const std::string what = fmt::format("finish_download of {} bytes", sizes[i]);
                std::vector<std::byte> back(sizes[i]);
                require(plugin_.finish_download(context, downloads[i], back.data()) == TG_OK, what, words(context));
                require(back == std::vector<std::byte>(sizes[i], pattern(sizes[i])), what,
                        "other bytes than those that were there when it was begun");
            }
        }
    }

    void refuses_too_much(tg_context* context) {
        void* const memory = plugin_.alloc(context, SIZE_MAX / 2);
        require(memory == nullptr, "alloc of half the address space", "it succeeded; it has to return NULL");
        require(!words(context).empty(), "last_error after alloc failed", "it says nothing of why");
        void* const afterwards = plugin_.alloc(context, 64);
        require(afterwards != nullptr, "alloc(64) after alloc failed", "no memory: " + words(context));
        if (afterwards != nullptr) plugin_.free(context, afterwards);
    }

    void refuses_unknown_kernels() {
        require(plugin_.kernel("no_such_kernel", TG_F32) == nullptr, "kernel(\"no_such_kernel\")",
                "it has to be NULL, so that the engine composes the op");
        require(plugin_.kernel("", TG_F32) == nullptr, "kernel(\"\")", "it has to be NULL");
        require(plugin_.kernel("add", static_cast<tg_dtype>(7)) == nullptr, "kernel(\"add\", dtype 7)",
                "it has to be NULL: there is no such dtype");
        require(plugin_.kernel("random_mask", TG_F32) == nullptr, "kernel(\"random_mask\", f32)",
                "it has to be NULL: masks are i32");
    }

private:
    static std::byte pattern(std::size_t number) { return static_cast<std::byte>(number % 251 + 1); }
    void fill(tg_context* context, std::byte* memory, std::size_t bytes, std::size_t number) {
        const std::vector<std::byte> content(bytes, pattern(number));
        require(plugin_.upload(context, memory, content.data(), bytes) == TG_OK, "upload", words(context));
    }
    std::string words(tg_context* context) const {
        const char* const text = plugin_.last_error(context);
        return text == nullptr ? "" : text;
    }

    const tg_backend& plugin_;
    Report& report_;
    const Progress& progress_;
};

}  // namespace

void check_memory(const tg_backend& plugin, Report& report, const Progress& progress) {
    report.subject = "memory";
    MemoryCheck check(plugin, report, progress);
    check.refuses_no_threads();
    check.refuses_unknown_kernels();
    tg_context* const context = check.open(1);
    if (context == nullptr) return;
    check.describes(context);
    check.moves_bytes(context);
    check.downloads_what_was_there(context);
    check.refuses_too_much(context);
    if (tg_context* const second = check.open(3); second != nullptr) {
        check.moves_bytes(second);
        check.downloads_what_was_there(second);
        check.require(second != context, "a second context", "it is the first one");
        plugin.close(second);
    }
    check.moves_bytes(context);
    plugin.close(context);
}

}  // namespace tapegrad
