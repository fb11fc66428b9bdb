// Keeps two processes from training in one folder.
#pragma once

#include <filesystem>

namespace tapegrad {

/// Holds FOLDER/.lock until it is destroyed or the process ends, however it ends.
class FolderLock {
public:
    /// Throws ConfigError that names the process which holds it, and for a folder that cannot be written to.
    explicit FolderLock(const std::filesystem::path& folder);
    FolderLock(FolderLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock();

private:
    int descriptor_;
};

}  // namespace tapegrad
