#include "tools/training/run_description.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "autograd/errors.hpp"
#include "autograd/version.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "tools/common/foreign_json.hpp"

namespace tapegrad {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Counts the forms that a run folder had; goes up when an older program could not use a newer folder, or the reverse.
constexpr int run_folder_format = 1;

template <class T>
std::string digest_of_bytes(const std::vector<T>& values) {
    return sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

// Of all numbers in a data set: names may change without changing a run.
std::string digest_of(const Dataset& dataset) {
    return sha256(digest_of_bytes(dataset.features.row_offsets) + digest_of_bytes(dataset.features.column_index) +
                  digest_of_bytes(dataset.features.values) + digest_of_bytes(dataset.edges) +
                  digest_of_bytes(dataset.labels) + digest_of_bytes(dataset.train) +
                  digest_of_bytes(dataset.validation) + digest_of_bytes(dataset.test));
}

}  // namespace

RunDescription describe_run(const Dataset& dataset) {
    return {.version = version,
            .dataset = dataset.name,
            .nodes = dataset.nodes,
            .feature_count = dataset.features.columns,
            .class_names = dataset.class_names,
            .digest = digest_of(dataset),
            .backend = "",
            .initial_weights = ""};
}

void check_version(const fs::path& folder, const RunDescription& description) {
    if (description.version != version)
        throw ConfigError(fmt::format("run folder {}", folder.string()), fmt::format("a run of tapegrad {}", version),
                          fmt::format("one of tapegrad {}", description.version),
                          "Go on with that version, or train anew in another folder with --out");
}

void write_run_description(const fs::path& folder, const RunDescription& description) {
    const json content{{"format", run_folder_format},
                       {"version", description.version},
                       {"backend", description.backend},
                       {"initial_weights", description.initial_weights},
                       {"dataset",
                        {{"name", description.dataset},
                         {"nodes", description.nodes},
                         {"features", description.feature_count},
                         {"classes", description.class_names},
                         {"digest", description.digest}}}};
    write_file_durably(folder / "run.json", content.dump(4, ' ', false, json::error_handler_t::replace) + "\n");
}

RunDescription read_run_description(const fs::path& folder) {
    const fs::path file = folder / "run.json";
    const std::string where = fmt::format("run folder {}", folder.string());
    std::error_code error;
    if (!fs::is_regular_file(file, error))
        throw ConfigError(where, "a folder that tools/train left behind",
                          fs::is_directory(folder, error) ? "one without run.json" : "no folder of that name",
                          "Check the path; runs/ holds the runs");
    const auto refuse = [&](const std::exception& fault) -> DataError {
        return {file.string(), "the JSON that tools/train wrote", fault.what(), "Train anew, or restore the file"};
    };
    try {
        const json content = parse_foreign_json(read_file(file));
        if (const int format = whole_number<int>(content, "format"); format != run_folder_format)
            throw ConfigError(where, fmt::format("format {} of run folders", run_folder_format),
                              fmt::format("format {}, of tapegrad {}", format, content.value("version", "?")),
                              "Use it with that version, or train anew");
        const json& dataset = content.at("dataset");
        return {.version = content.at("version"),
                .dataset = dataset.at("name"),
                .nodes = whole_number<std::int64_t>(dataset, "nodes"),
                .feature_count = whole_number<std::int64_t>(dataset, "features"),
                .class_names = dataset.at("classes"),
                .digest = dataset.at("digest"),
                .backend = content.value("backend", ""),
                .initial_weights = content.value("initial_weights", "")};
    } catch (const json::exception& fault) {
        throw refuse(fault);
    }
}

}  // namespace tapegrad
