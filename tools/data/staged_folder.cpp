#include "tools/data/staged_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".part";

[[noreturn]] void cannot_write(const fs::path& folder, const std::string& reason) {
    throw DataError(folder.string(), "a folder that can be written", reason,
                    "Check that you may write there, and the free space");
}

/// The process that made the folder FILE_NAME for that destination; 0 if none did.
pid_t process_of(const std::string& file_name, const std::string& prefix) {
    if (!file_name.starts_with(prefix) || !file_name.ends_with(suffix)) return 0;
    pid_t process = 0;
    const char* const last = file_name.data() + file_name.size() - suffix.size();
    const auto [stopped, error] = std::from_chars(file_name.data() + prefix.size(), last, process);
    return error == std::errc{} && stopped == last && process > 0 ? process : 0;
}

void remove_leftovers(const fs::path& parent, const std::string& prefix) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(parent, error)) {
        const pid_t process = process_of(entry.path().filename().string(), prefix);
        const bool has_ended = process != 0 && ::kill(process, 0) != 0 && errno == ESRCH;
        std::error_code ignored;
        if (has_ended) fs::remove_all(entry.path(), ignored);
    }
}

}  // namespace

StagedFolder::StagedFolder(const fs::path& destination) {
    std::error_code error;
    destination_ = fs::absolute(destination).lexically_normal();
    if (!destination_.has_filename()) destination_ = destination_.parent_path();  // a '/' at the end
    const fs::path parent = destination_.parent_path();
    fs::create_directories(parent, error);
    if (error) cannot_write(parent, error.message());
    const std::string prefix = "." + destination_.filename().string() + ".";
    remove_leftovers(parent, prefix);
    path_ = parent / fmt::format("{}{}{}", prefix, ::getpid(), suffix);
    if (!fs::create_directory(path_, error)) cannot_write(parent, error ? error.message() : "a leftover in the way");
}

StagedFolder::~StagedFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void StagedFolder::publish(const fs::path& content) {
    std::error_code error;
    if (!fs::exists(destination_, error)) {
        if (::rename(content.c_str(), destination_.c_str()) != 0)
            cannot_write(destination_, std::generic_category().message(errno));
        return;
    }
    if (::renameat2(AT_FDCWD, content.c_str(), AT_FDCWD, destination_.c_str(), RENAME_EXCHANGE) == 0) {
        fs::remove_all(content, error);
        return;
    }
    // Not every file system can exchange two folders.
    const fs::path old = path_.string() + ".old";
    if (::rename(destination_.c_str(), old.c_str()) != 0)
        cannot_write(destination_, std::generic_category().message(errno));
    if (::rename(content.c_str(), destination_.c_str()) != 0) {
        const std::string reason = std::generic_category().message(errno);
        fs::rename(old, destination_, error);
        cannot_write(destination_, reason);
    }
    fs::remove_all(old, error);
}

std::optional<std::string> foreign_entry(const fs::path& folder,
                                         const std::function<bool(const std::string&)>& is_ours) {
    std::error_code error;
    if (!fs::exists(fs::symlink_status(folder, error))) return std::nullopt;
    if (!fs::is_directory(folder, error)) return folder.filename().string();
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!entry->is_regular_file(error) || !is_ours(name)) return name;
    }
    if (error) return fmt::format("entries that cannot be read ({})", error.message());
    return std::nullopt;
}

}  // namespace tapegrad
