#include "tools/training/named_nodes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <unordered_map>
#include <utility>

#include "autograd/edit_distance.hpp"
#include "autograd/errors.hpp"
#include "datasets/text_lines.hpp"

namespace tapegrad {
namespace {

// The number in "#NUMBER", or none.
std::optional<std::int32_t> number_of(const std::string& paper) {
    std::int32_t number = 0;
    if (paper.size() < 2 || paper.front() != '#') return std::nullopt;
    const auto [end, error] = std::from_chars(paper.data() + 1, paper.data() + paper.size(), number);
    return error == std::errc{} && end == paper.data() + paper.size() ? std::optional(number) : std::nullopt;
}

bool is_node(const Dataset& dataset, std::optional<std::int32_t> number) {
    return number && *number >= 0 && *number < dataset.nodes;
}

std::vector<std::string> nearest_names(const std::string& name, const std::vector<std::string>& names) {
    std::vector<std::pair<std::size_t, std::size_t>> distances;
    for (std::size_t i = 0; i < names.size(); ++i) distances.emplace_back(edit_distance(name, names[i]), i);
    const std::size_t count = std::min<std::size_t>(3, names.size());
    std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(count), distances.end());
    std::vector<std::string> nearest;
    for (std::size_t i = 0; i < count; ++i) nearest.push_back(quote(names[distances[i].second]));
    return nearest;
}

using NodeNumbers = std::unordered_map<std::string, std::int32_t>;

NodeNumbers node_numbers(const Dataset& dataset) {
    NodeNumbers numbers;
    for (std::int32_t node = 0; node < dataset.nodes; ++node) numbers.emplace(dataset.node_names[node], node);
    return numbers;
}

std::vector<std::int32_t> nodes_of(const Dataset& dataset, const NodeNumbers& numbers, const std::string& name) {
    const auto split = [&](const std::vector<std::int32_t>& nodes) {
        if (nodes.empty())
            throw ConfigError("--nodes " + name, "nodes of that split", fmt::format("none in {}", dataset.name),
                              "Ask for all, or name some nodes");
        return nodes;
    };
    if (name == "all") {
        std::vector<std::int32_t> nodes(static_cast<std::size_t>(dataset.nodes));
        std::iota(nodes.begin(), nodes.end(), 0);
        return nodes;
    }
    if (name == "train") return split(dataset.train);
    if (name == "val") return split(dataset.validation);
    if (name == "test") return split(dataset.test);
    if (const auto found = numbers.find(name); found != numbers.end()) return {found->second};
    if (const auto number = number_of(name); is_node(dataset, number)) return {*number};
    throw ConfigError("--nodes",
                      fmt::format("all, train, val, test or a node: its id, or #0 to #{}", dataset.nodes - 1),
                      quote(name), fmt::format("The nearest id is {}", quote(nearest(name, dataset.node_names))));
}

std::vector<std::string> split_at_commas(const std::string& text) {
    std::vector<std::string> parts;
    for (const std::string_view part : split(text, ",")) parts.emplace_back(part);
    return parts;
}

}  // namespace

std::int32_t find_node(const Dataset& dataset, const std::string& paper) {
    const auto found = std::ranges::find(dataset.node_names, paper);
    if (found != dataset.node_names.end()) return static_cast<std::int32_t>(found - dataset.node_names.begin());
    const std::optional<std::int32_t> number = number_of(paper);
    if (is_node(dataset, number)) return *number;
    throw ConfigError(
        "--node " + printable(paper),
        fmt::format("a node of {}, by its name or as #0 to #{}", dataset.name, dataset.nodes - 1),
        number ? "a number beyond" : "an unknown name",
        fmt::format("The nearest names are {}",
                    fmt::join(nearest_names(number ? paper.substr(1) : paper, dataset.node_names), ", ")));
}

std::vector<std::int32_t> named_nodes(const Dataset& dataset, const std::vector<std::string>& names) {
    const NodeNumbers numbers = node_numbers(dataset);
    std::vector<bool> taken(static_cast<std::size_t>(dataset.nodes));
    std::vector<std::int32_t> nodes;
    for (const std::string& name : names)
        // An id may hold a comma itself.
        for (const std::string& part : numbers.contains(name) ? std::vector{name} : split_at_commas(name))
            for (const std::int32_t node : nodes_of(dataset, numbers, part)) {
                if (!taken[node]) nodes.push_back(node);
                taken[node] = true;
            }
    return nodes;
}

}  // namespace tapegrad
