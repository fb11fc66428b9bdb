#include "tools/training/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

std::string content_of(int descriptor) {
    std::array<char, 32> text;
    const ssize_t length = ::pread(descriptor, text.data(), text.size(), 0);
    return {text.data(), static_cast<std::size_t>(length > 0 ? length : 0)};
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder)
    : descriptor_(::open((folder / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    const std::string where = fmt::format("run folder {}", folder.string());
    if (descriptor_ < 0)
        throw ConfigError(where, "a folder that can be written to", std::generic_category().message(errno),
                          "Choose another with --out, or make it writable");
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const std::string owner = content_of(descriptor_);
        ::close(descriptor_);
        throw ConfigError(where, "a folder in which nobody trains", fmt::format("one that process {} trains in", owner),
                          "Wait until it ends, or choose another folder with --out");
    }
    // The number is for people only: what counts is the lock, so that a failure to write it is none.
    const std::string self = std::to_string(::getpid());
    if (::ftruncate(descriptor_, 0) != 0 || ::pwrite(descriptor_, self.data(), self.size(), 0) < 0) return;
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tapegrad
