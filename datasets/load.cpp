#include "datasets/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/linqs.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/text.hpp"
#include "datasets/text_form.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 1> known_names{"cora"};

/// What stands for NAME in the files PREFIX + NAME + SUFFIX of a folder, in alphabetical order.
std::vector<std::string> names_between(const fs::path& folder, std::string_view prefix, std::string_view suffix) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& file : fs::directory_iterator(folder, error)) {
        const std::string name = file.path().filename().string();
        if (name.size() > prefix.size() + suffix.size() && name.starts_with(prefix) && name.ends_with(suffix))
            names.push_back(name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

[[noreturn]] void ambiguous(const fs::path& folder, const std::vector<std::string>& names, const std::string& advice) {
    throw DataError(folder.string(), "one data set", fmt::format("several: {}", fmt::join(names, ", ")), advice);
}

}  // namespace

Dataset load_dataset(const std::string& name_or_path, const fs::path& data_root) {
    if (std::find(known_names.begin(), known_names.end(), name_or_path) != known_names.end())
        return load_text(data_root / name_or_path);

    const fs::path path = name_or_path;
    std::error_code error;
    if (fs::exists(path / text_form::papers_file, error)) return load_text(path);

    const auto linqs = names_between(path, "", ".content");
    if (linqs.size() > 1) ambiguous(path, linqs, "Put each into a folder of its own");
    if (linqs.size() == 1) return load_linqs(path / (linqs[0] + ".content"), path / (linqs[0] + ".cites"));

    const std::string file_name = path.filename().string();
    if (file_name.starts_with("ind.") && fs::exists(name_or_path + ".graph", error))
        return load_planetoid(path.parent_path(), file_name.substr(4));
    const auto planetoid = names_between(path, "ind.", ".graph");
    if (planetoid.size() > 1) ambiguous(path, planetoid, "Write FOLDER/ind.NAME");
    if (planetoid.size() == 1) return load_planetoid(path, planetoid[0]);

    throw DataError(fmt::format("data set '{}'", name_or_path),
                    fmt::format("a known name ({}), or a folder with papers.tsv, *.content or ind.*.graph",
                                fmt::join(known_names, ", ")),
                    fs::is_directory(path, error) ? "a folder without these" : "neither",
                    "Correct the name or the path; datasets/README.md describes how to write a graph of your own");
}

}  // namespace tapegrad
