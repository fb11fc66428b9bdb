#include "tools/training/growing_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace fs = std::filesystem;

namespace {

bool begins_with(const fs::path& file, std::string_view content) {
    std::ifstream stream(file, std::ios::binary);
    std::string begin(content.size(), '\0');
    return stream && stream.read(begin.data(), static_cast<std::streamsize>(begin.size())) && begin == content;
}

}  // namespace

GrowingFile::GrowingFile(const fs::path& file, std::string_view content) : path_(file) {
    if (!begins_with(file, content)) {
        replace(content);
        return;
    }
    std::error_code error;
    fs::resize_file(file, content.size(), error);
    if (error) fail(error.value());
    open(file, "abe");
}

void GrowingFile::open(const fs::path& file, const char* mode) {
    stream_.reset(std::fopen(file.c_str(), mode));
    if (!stream_) fail(errno);
    // Without a buffer an append is one call of the system, whose error is known at once.
    std::setvbuf(stream_.get(), nullptr, _IONBF, 0);
}

void GrowingFile::replace(std::string_view content) {
    const fs::path temporary = path_.string() + ".part";
    open(temporary, "wbe");
    std::error_code error, ignored;
    try {
        append(content);
        // What is renamed before the disk has it may be empty after a loss of power, and the old content gone.
        if (fs::exists(path_, ignored)) sync();
    } catch (const DataError&) {
        fs::remove(temporary, ignored);
        throw;
    }
    // The open stream goes with the file.
    fs::rename(temporary, path_, error);
    if (!error) return;
    fs::remove(temporary, ignored);
    fail(error.value());
}

void GrowingFile::append(std::string_view bytes) {
    errno = 0;
    if (std::fwrite(bytes.data(), 1, bytes.size(), stream_.get()) != bytes.size()) fail(errno);
}

void GrowingFile::sync() {
    if (fsync(fileno(stream_.get())) != 0) fail(errno);
}

void GrowingFile::fail(int error) const {
    throw DataError(path_.string(), "a file that can be written", std::generic_category().message(error),
                    "Check that its folder exists, that you may write to it, and the free space");
}

}  // namespace tapegrad
