// A folder that appears whole or not at all.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "tools/data/held_signals.hpp"

namespace tapegrad {

/// Makes an empty folder beside `destination` to write into, named .NAME.PROCESS.part, and removes those that processes
/// left which were killed. What is not published is removed again, also when Ctrl-C is pressed meanwhile.
class StagedFolder {
public:
    /// Makes missing folders above `destination` too. Throws DataError if that fails.
    explicit StagedFolder(const std::filesystem::path& destination);
    ~StagedFolder();
    StagedFolder(const StagedFolder&) = delete;
    StagedFolder& operator=(const StagedFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    const HeldSignals& held_signals() const { return held_signals_; }

    /// Puts the folder `content`, which is path() or lies in it, where the destination is; what was there is removed.
    /// Throws DataError if that fails; the destination is then as it was.
    void publish(const std::filesystem::path& content);

private:
    HeldSignals held_signals_;
    std::filesystem::path destination_;
    std::filesystem::path path_;
};

/// The name of something in `folder` that is not a file for which `is_ours` holds: a reason not to replace the folder.
/// None if there is no such thing, or no folder; a phrase in its place if the folder cannot be read.
std::optional<std::string> foreign_entry(const std::filesystem::path& folder,
                                         const std::function<bool(const std::string&)>& is_ours);

}  // namespace tapegrad
