#include "datasets/statistics.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include <boost/pending/disjoint_sets.hpp>

#include "datasets/transforms.hpp"

namespace tapegrad {
namespace {

void count_classes(const Dataset& dataset, DatasetStatistics& statistics) {
    for (const std::string& name : dataset.class_names) statistics.classes.push_back({name});
    for (const std::int32_t label : dataset.labels)
        label == unlabelled ? ++statistics.unlabelled : ++statistics.classes[label].nodes;
    // A node in a split has a label.
    for (const std::int32_t node : dataset.train) ++statistics.classes[dataset.labels[node]].train;
    for (const std::int32_t node : dataset.validation) ++statistics.classes[dataset.labels[node]].validation;
    for (const std::int32_t node : dataset.test) ++statistics.classes[dataset.labels[node]].test;
    statistics.train = std::ssize(dataset.train);
    statistics.validation = std::ssize(dataset.validation);
    statistics.test = std::ssize(dataset.test);
}

/// `edges`: both directions of every pair.
void describe_degrees(const std::vector<Edge>& edges, DatasetStatistics& statistics) {
    std::vector<std::int64_t> degrees(static_cast<std::size_t>(statistics.nodes));
    for (const Edge& edge : edges) ++degrees[edge.target];
    std::ranges::sort(degrees);
    statistics.isolated = std::ranges::count(degrees, 0);
    statistics.degree_min = degrees.front();
    statistics.degree_max = degrees.back();
    const std::size_t middle = degrees.size() / 2;
    statistics.degree_median = degrees.size() % 2 == 1
                                   ? static_cast<double>(degrees[middle])
                                   : 0.5 * static_cast<double>(degrees[middle - 1] + degrees[middle]);
    statistics.degree_mean = static_cast<double>(edges.size()) / static_cast<double>(degrees.size());
}

void count_components(const std::vector<Edge>& edges, DatasetStatistics& statistics) {
    const auto nodes = static_cast<std::size_t>(statistics.nodes);
    boost::disjoint_sets_with_storage<> components(nodes);
    for (const Edge& edge : edges) components.union_set(edge.source, edge.target);
    std::vector<std::int64_t> sizes(nodes);
    for (std::size_t node = 0; node < nodes; ++node) ++sizes[components.find_set(node)];
    statistics.components = std::ranges::count_if(sizes, [](std::int64_t size) { return size > 0; });
    statistics.largest_component = std::ranges::max(sizes);
}

double homophily(const std::vector<Edge>& edges, const std::vector<std::int32_t>& labels) {
    std::int64_t labelled = 0, equal = 0;
    for (const auto& [source, target] : edges) {
        if (labels[source] == unlabelled || labels[target] == unlabelled) continue;
        ++labelled;
        equal += labels[source] == labels[target];
    }
    return labelled == 0 ? std::numeric_limits<double>::quiet_NaN()
                         : static_cast<double>(equal) / static_cast<double>(labelled);
}

}  // namespace

DatasetStatistics statistics_of(const Dataset& dataset) {
    DatasetStatistics statistics;
    statistics.nodes = dataset.nodes;
    statistics.edges = std::ssize(dataset.edges);
    const std::vector<Edge> merged = merge_duplicates(symmetrise(dataset.edges));
    const std::vector<Edge> edges = remove_self_loops(merged);
    statistics.pairs = std::ssize(edges) / 2;
    statistics.self_loops = std::ssize(merged) - std::ssize(edges);
    statistics.prepared = std::ssize(edges) + statistics.nodes;

    statistics.features = dataset.features.columns;
    statistics.non_zeros = std::ranges::count_if(dataset.features.values, [](float value) { return value != 0; });
    if (statistics.features > 0)
        statistics.density = static_cast<double>(statistics.non_zeros) / static_cast<double>(statistics.nodes) /
                             static_cast<double>(statistics.features);

    count_classes(dataset, statistics);
    describe_degrees(edges, statistics);
    count_components(edges, statistics);
    statistics.homophily = homophily(edges, dataset.labels);
    return statistics;
}

}  // namespace tapegrad
