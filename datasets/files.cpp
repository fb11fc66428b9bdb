#include "datasets/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <limits>
#include <system_error>

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
    // Waits until no other process has the file locked. Without effect where the file system knows no locks.
    void lock() const {
        while (::flock(number_, LOCK_EX) != 0 && errno == EINTR) {
        }
    }
    // Is it the file that has this name now?
    bool is_named(const fs::path& path) const {
        struct stat own = {}, named = {};
        return ::fstat(number_, &own) == 0 && ::stat(path.c_str(), &named) == 0 && own.st_dev == named.st_dev &&
               own.st_ino == named.st_ino;
    }
    bool clear() const { return ::ftruncate(number_, 0) == 0; }
    bool write(std::string_view content) const {
        while (!content.empty()) {
            const ssize_t written = ::write(number_, content.data(), content.size());
            if (written < 0 && errno != EINTR) return false;
            if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
        }
        return true;
    }
    bool sync() const { return ::fsync(number_) == 0; }
    // Some file systems tell only when a descriptor is closed that a disk or a quota is full. The lock stays.
    bool flush() const {
        const int copy = ::dup(number_);
        return copy >= 0 && ::close(copy) == 0;
    }

private:
    const int number_;
};

// Returns when the disk has the names of the files beside `file`. False with errno set if that fails.
bool sync_folder_of(const fs::path& file) {
    const Descriptor folder(file.has_parent_path() ? file.parent_path() : ".", O_RDONLY | O_DIRECTORY);
    return folder.is_open() && folder.sync();
}

// False with errno set if a step fails; the temporary file is gone then.
bool write_and_rename(const fs::path& temporary, const fs::path& file, std::string_view content, bool sync) {
    while (true) {
        const Descriptor descriptor(temporary, O_WRONLY | O_CREAT);
        if (!descriptor.is_open()) return false;
        // Another process may be writing the same file. When it lets go, its temporary file has been renamed.
        descriptor.lock();
        if (!descriptor.is_named(temporary)) continue;
        if (descriptor.clear() && descriptor.write(content) && (!sync || descriptor.sync()) && descriptor.flush() &&
            ::rename(temporary.c_str(), file.c_str()) == 0)
            return !sync || sync_folder_of(file);
        const int reason = errno;
        ::unlink(temporary.c_str());
        errno = reason;
        return false;
    }
}

// What a link stands for, which may not be there yet.
fs::path behind_links(fs::path file) {
    std::error_code error;
    while (fs::is_symlink(file, error)) file = file.parent_path() / fs::read_symlink(file, error);
    return file;
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
    if (error) refuse(file, error.message());  // links that go round in a circle, among others
    const fs::path target = behind_links(file);
    if (!write_and_rename(target.string() + ".part", target, content, sync))
        refuse(file, std::generic_category().message(errno));
}

}  // namespace

void write_file(const fs::path& file, std::string_view content) { write(file, content, false); }

void write_file_durably(const fs::path& file, std::string_view content) { write(file, content, true); }

void rename_durably(const fs::path& file, const fs::path& name) {
    if (::rename(file.c_str(), name.c_str()) != 0 || !sync_folder_of(name))
        refuse(name, std::generic_category().message(errno));
}

}  // namespace tapegrad
