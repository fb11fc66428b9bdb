#include "tools/data/known_datasets.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <system_error>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/data/fetchable_datasets.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> absolute_path_in(const char* variable) {
    const char* const value = std::getenv(variable);
    if (value == nullptr || !fs::path(value).is_absolute()) return std::nullopt;
    return value;
}

/// What lies in one folder, under the names of its subfolders.
std::map<std::string, DatasetFiles> datasets_in(const fs::path& folder) {
    std::map<std::string, DatasetFiles> datasets;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.')) continue;  // a fetch that is under way
        try {
            if (const auto files = find_dataset(entry.path())) datasets.emplace(name, *files);
        } catch (const DataError&) {
            continue;  // several data sets, which have no name in common
        }
    }
    return datasets;
}

std::vector<std::string> quoted(const std::vector<fs::path>& folders) {
    std::vector<std::string> texts;
    for (const fs::path& folder : folders) texts.push_back(folder.string());
    return texts;
}

}  // namespace

std::optional<fs::path> user_data_folder() {
    if (const auto data_home = absolute_path_in("XDG_DATA_HOME")) return *data_home / "tapegrad/datasets";
    if (const auto home = absolute_path_in("HOME")) return *home / ".local/share/tapegrad/datasets";
    return std::nullopt;
}

std::vector<fs::path> data_folders() {
    std::vector<fs::path> folders;
    if (const char* const variable = std::getenv("TAPEGRAD_DATA"); variable != nullptr && *variable != '\0')
        folders.emplace_back(variable);
    folders.push_back(share_folder() / "datasets");
    if (const auto folder = user_data_folder()) folders.push_back(*folder);
    return folders;
}

std::vector<KnownDataset> known_datasets() {
    std::map<std::string, DatasetFiles> by_name;
    for (const fs::path& folder : data_folders()) by_name.merge(datasets_in(folder));
    std::vector<KnownDataset> datasets;
    for (const auto& [name, files] : by_name) datasets.push_back({name, files});
    return datasets;
}

void check_dataset_name(const std::string& name) {
    if (name.find('/') != std::string::npos) return;
    std::vector<std::string> known;
    for (const KnownDataset& dataset : known_datasets()) known.push_back(dataset.name);
    if (std::ranges::find(known, name) != known.end()) return;

    if (find_fetchable(name) != nullptr)
        throw ConfigError(fmt::format("data set {}", name), "its files", "none yet",
                          fmt::format("Fetch it: {} fetch {}", tool_command("datasets"), name));
    if (known.empty())
        throw ConfigError("data sets",
                          fmt::format("folders of known data sets in {}", fmt::join(quoted(data_folders()), ", ")),
                          "none",
                          std::getenv("TAPEGRAD_DATA") != nullptr
                              ? "Correct TAPEGRAD_DATA, or unset it for those that come with the program"
                              : "Set TAPEGRAD_DATA to the folder that holds cora/, or install tapegrad anew");
    const std::string expected = fmt::format("one of {} (all that there is in {}), or a path with a '/'",
                                             fmt::join(known, ", "), fmt::join(quoted(data_folders()), ", "));
    std::error_code error;
    if (fs::is_directory(name, error))
        throw ConfigError("dataset.name", expected, fmt::format("\"{}\"", name),
                          fmt::format("For the folder of that name, write \"./{}\"", name));
    std::vector<std::string> names = known;
    for (const FetchableDataset& dataset : fetchable_datasets()) names.push_back(dataset.name);
    throw ConfigError("dataset.name", expected, fmt::format("\"{}\"", name),
                      fmt::format("The nearest is \"{}\"; `{} list` tells which there are", nearest(name, names),
                                  tool_command("datasets")));
}

}  // namespace tapegrad
