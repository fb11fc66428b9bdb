// A file that grows while others read it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace tapegrad {

/// What is appended is in the file, for every other process to see, when `append` returns.
class GrowingFile {
public:
    /// Makes `file` with that content. Of one that begins with it the rest is cut off, so that who reads it can go on;
    /// another is replaced: it holds the old content or the new, never half of it. Throws DataError with the reason of
    /// the system if that fails.
    GrowingFile(const std::filesystem::path& file, std::string_view content);

    const std::filesystem::path& path() const { return path_; }

    /// Throws DataError with the reason of the system, "No space left on device" for example; some of `bytes` may be in
    /// the file then.
    void append(std::string_view bytes);
    /// Returns when the disk has it all: what was appended outlives a loss of power. Throws as `append` does.
    void sync();

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    void open(const std::filesystem::path& file, const char* mode);
    void replace(std::string_view content);
    [[noreturn]] void fail(int error) const;

    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Close> stream_;
};

}  // namespace tapegrad
