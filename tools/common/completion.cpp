#include "tools/common/completion.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <map>
#include <sstream>
#include <string_view>

#include "autograd/op.hpp"
#include "backends/loader.hpp"
#include "tools/configs/config_schema.hpp"
#include "tools/data/known_datasets.hpp"

namespace tapegrad {
namespace {

using Names = std::vector<std::string>;

// By the names of their files, for opening them takes a while.
Names backend_names() {
    Names names{"auto"};
    constexpr std::string_view prefix = "libtapegrad_backend_";
    for (const std::filesystem::path& file : plugin_files()) {
        const std::string stem = file.stem().string();
        if (stem.starts_with(prefix)) names.push_back(stem.substr(prefix.size()));
    }
    return names;
}

Names op_names() {
    Names names;
    for (const OpDef& op : all_ops()) names.push_back(op.name);
    return names;
}

Names dataset_names() {
    Names names;
    for (const KnownDataset& dataset : known_datasets()) names.push_back(dataset.name);
    return names;
}

// Layers are numbered, and their keys left out.
void collect_keys(const nlohmann::json& schema, const std::string& path, Names& keys) {
    const auto collect = [&](const nlohmann::json& properties) {
        for (const auto& [key, value] : properties.items()) {
            if (value.contains("properties"))
                collect_keys(value, path + key + ".", keys);
            else
                keys.push_back(path + key + "=");
        }
    };
    collect(schema.at("properties"));
    const auto by_type = schema.find("by_type");
    if (by_type == schema.end()) return;
    for (const nlohmann::json& properties : *by_type) collect(properties);
}

Names config_keys() {
    Names keys;
    collect_keys(config_schema(), "", keys);
    // Several types may have a key of the same name.
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

const std::map<std::string_view, std::function<Names()>>& sources() {
    static const auto files = [](const char* pattern) { return [pattern] { return Names{pattern}; }; };
    static const std::map<std::string_view, std::function<Names()>> sources{{"--backend", backend_names},
                                                                            {"BACKEND", backend_names},
                                                                            {"--data", dataset_names},
                                                                            {"DATASET", dataset_names},
                                                                            {"GRAPH", dataset_names},
                                                                            {"--ops", op_names},
                                                                            {"--pattern", op_names},
                                                                            {"OP", op_names},
                                                                            {"--set", config_keys},
                                                                            {"--grid", config_keys},
                                                                            {"CONFIG", files(":files *.json")},
                                                                            {"LIB", files(":files *.so")},
                                                                            {"FILE", files(":files *")},
                                                                            {"PATH", files(":files *")},
                                                                            {"DIR", files(":folders")},
                                                                            {"FOLDER", files(":folders")},
                                                                            {"RUN", files(":folders")}};
    return sources;
}

Names names_of(std::string_view source) {
    const auto found = sources().find(source);
    return found == sources().end() ? Names{} : found->second();
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::istringstream stream(text);
    std::vector<std::string> parts;
    for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
    return parts;
}

bool is_small(std::string_view word) {
    return std::ranges::any_of(word, [](unsigned char letter) { return std::islower(letter) != 0; });
}

Names placeholder_names(const std::string& placeholder) {
    Names names;
    for (const std::string& word : split(placeholder, '|'))
        if (is_small(word))
            names.push_back(word);
        else
            std::ranges::move(names_of(word), std::back_inserter(names));
    return names;
}

Names values_of(const CLI::Option& option) {
    const std::string type = option.get_type_name();
    const std::size_t begin = type.find('{'), end = type.find('}');
    if (end != std::string::npos && begin < end) return split(type.substr(begin + 1, end - begin - 1), ',');
    Names names = placeholder_names(type);
    if (names.empty() && option.get_positional()) names = placeholder_names(option.get_name(true));
    for (const std::string& name : option.get_lnames())
        if (names.empty()) names = names_of("--" + name);
    return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// Where the words lead to.
struct Place {
    const CLI::App* command;
    const CLI::Option* option = nullptr;  // whose value comes next
    std::size_t arguments = 0;            // that are no options, up to here
};

const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
        if (command->get_name() == name) return command;
    return nullptr;
}

Place place_behind(const CLI::App& app, std::span<const std::string> words) {
    Place place{&app};
    for (const std::string& word : words) {
        if (place.option != nullptr) {
            place.option = nullptr;
        } else if (word.size() > 1 && word.front() == '-') {
            const CLI::Option* const option = place.command->get_option_no_throw(word);
            if (option != nullptr && takes_value(*option)) place.option = option;
        } else if (const CLI::App* const command = subcommand(*place.command, word)) {
            place = {command};
        } else {
            ++place.arguments;
        }
    }
    return place;
}

}  // namespace

std::vector<std::string> completions(const CLI::App& app, std::span<const std::string> words) {
    const Place place = place_behind(app, words);
    if (place.option != nullptr) return values_of(*place.option);
    Names names;
    for (const CLI::App* command : place.command->get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(command->get_name());
    std::vector<const CLI::Option*> arguments;
    for (const CLI::Option* option : place.command->get_options()) {
        if (option->get_group().empty()) continue;  // hidden
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
        if (option->get_positional()) arguments.push_back(option);
    }
    if (arguments.empty()) return names;
    // The last one may take several.
    const CLI::Option& last = *arguments.back();
    const bool more = place.arguments < arguments.size() || last.get_items_expected_max() > 1;
    if (more)
        std::ranges::move(values_of(*arguments[std::min(place.arguments, arguments.size() - 1)]),
                          std::back_inserter(names));
    return names;
}

}  // namespace tapegrad
