#include "datasets/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>
#include <utility>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        const bool is_there = fs::exists(file, error);  // no error if it is known not to be
        throw DataError(file.string(), "a file",
                        error      ? error.message()
                        : is_there ? "something else"
                                   : "nothing of that name",
                        "Check the path, or fetch the data set again");
    }
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > static_cast<std::uintmax_t>(std::numeric_limits<std::int32_t>::max()))
        throw DataError(file.string(), "a file below 2 GiB", error ? error.message() : fmt::format("{} bytes", size),
                        "Split the data set");
    std::string content(size, '\0');
    std::ifstream stream(file, std::ios::binary);
    if (!stream.read(content.data(), static_cast<std::streamsize>(size)))
        throw DataError(file.string(), fmt::format("{} readable bytes", size), fmt::format("{}", stream.gcount()),
                        "Check that you may read it");
    return content;
}

namespace {

// A file that is open for writing, closed at the end.
class Descriptor {
public:
    Descriptor(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    bool is_open() const { return number_ >= 0; }
    bool write(std::string_view content) const {
        while (!content.empty()) {
            const ssize_t written = ::write(number_, content.data(), content.size());
            if (written < 0 && errno != EINTR) return false;
            if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }
    bool sync() const { return ::fsync(number_) == 0; }
    // Some file systems tell only here that a disk or a quota is full.
    bool close() { return ::close(std::exchange(number_, -1)) == 0; }

private:
    int number_;
};

// Returns when the disk has the names of the files beside `file`. False with errno set if that fails.
bool sync_folder_of(const fs::path& file) {
    const Descriptor folder(file.has_parent_path() ? file.parent_path() : ".", O_RDONLY | O_DIRECTORY);
    return folder.is_open() && folder.sync();
}

// False with errno set if a step fails.
bool write_and_rename(const fs::path& temporary, const fs::path& file, std::string_view content, bool sync) {
    {
        Descriptor descriptor(temporary, O_WRONLY | O_CREAT | O_TRUNC);
        if (!descriptor.is_open() || !descriptor.write(content) || (sync && !descriptor.sync()) || !descriptor.close())
            return false;
    }
    return ::rename(temporary.c_str(), file.c_str()) == 0 && (!sync || sync_folder_of(file));
}

[[noreturn]] void refuse(const fs::path& file, const std::string& reason) {
    throw DataError(file.string(), "a file that can be written", reason,
                    "Check that the folder exists, that you may write to it, and the free space");
}

void write(const fs::path& file, std::string_view content, bool sync) {
    std::error_code error;
    // To rename over a device or a pipe would take its place, which whoever runs as root may do.
    if (fs::exists(file, error) && !fs::is_regular_file(file, error))
        throw DataError(file.string(), "a file that can be written", "something of that name that is no file",
                        "Choose another name");
    const fs::path temporary = file.string() + ".part";
    if (write_and_rename(temporary, file, content, sync)) return;
    const std::string reason = std::generic_category().message(errno);
    std::error_code ignored;
    fs::remove(temporary, ignored);
    refuse(file, reason);
}

}  // namespace

void write_file(const fs::path& file, std::string_view content) { write(file, content, false); }

void write_file_durably(const fs::path& file, std::string_view content) { write(file, content, true); }

void rename_durably(const fs::path& file, const fs::path& name) {
    if (::rename(file.c_str(), name.c_str()) != 0 || !sync_folder_of(name))
        refuse(name, std::generic_category().message(errno));
}

}  // namespace tapegrad
