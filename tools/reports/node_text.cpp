#include "tools/reports/node_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "datasets/text_lines.hpp"
#include "tools/reports/attention_entropy.hpp"

namespace tapegrad {
namespace {

using nlohmann::json;

// Tables have a column of names, two of classes, one of weights and one for each of so many heads.
constexpr std::size_t name_width = 10, class_width = 13, most_heads = 8, most_classes = 10;

// `text` in just so many columns; what is too long ends in "…". Bytes that go on with a character take no column.
std::string fit(const std::string& text, std::size_t width) {
    const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; };
    const auto length = static_cast<std::size_t>(std::ranges::count_if(text, begins));
    if (length <= width) return text + std::string(width - length, ' ');
    std::string cut;
    std::size_t columns = 0;
    for (const char byte : text) {
        if (begins(byte) && ++columns == width) break;
        cut += byte;
    }
    return cut + "…";
}

std::string row_of(const NodeView& view, std::int32_t node) {
    return fmt::format("{} {} {} ", fit(node == view.node ? "itself" : printable(view.name(node)), name_width),
                       fit(printable(view.label(node)), class_width),
                       fit(printable(view.predicted(node)), class_width));
}

std::string predictions_text(const NodeView& view) {
    const std::string label = printable(view.label(view.node)), predicted = printable(view.predicted(view.node)),
                      split = view.split();
    std::string text =
        fmt::format("{} (#{} of {}, {})\nlabel      {}\npredicted  {}{}\n\n", printable(view.name(view.node)),
                    view.node, view.dataset.name, split == "none" ? "in no split" : "split " + split, label, predicted,
                    label == "unknown"   ? ""
                    : label == predicted ? ", which is right"
                                         : ", which is wrong");
    const auto probabilities = view.analysis.probabilities_of(view.node);
    std::vector<std::size_t> order(probabilities.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t c) { return probabilities[c]; });
    const std::size_t shown = std::min(order.size(), most_classes);
    double rest = 1;
    for (std::size_t i = 0; i < shown; ++i) {
        const float probability = probabilities[order[i]];
        const std::string bar(static_cast<std::size_t>(std::lround(40 * probability)), '#');
        text += fmt::format("  {} {:5.1f} %{}{}\n", fit(printable(view.class_names[order[i]]), 24), 100 * probability,
                            bar.empty() ? "" : "  ", bar);
        rest -= probability;
    }
    if (shown < order.size())
        text += fmt::format("  {} {:5.1f} %\n", fit(fmt::format("{} others", order.size() - shown), 24),
                            100 * std::max(0.0, rest));
    return text;
}

// The heads that have a column.
std::vector<std::size_t> shown_heads(const LayerView& layer) {
    if (layer.head || layer.weights.heads == 1) return {};
    std::vector<std::size_t> heads(std::min<std::size_t>(most_heads, static_cast<std::size_t>(layer.weights.heads)));
    std::iota(heads.begin(), heads.end(), 0U);
    return heads;
}

std::string layer_title(const LayerView& layer) {
    if (!layer.attends) return fmt::format("Layer {} ({}), fixed weights in %", layer.weights.layer, layer.type);
    const std::int64_t heads = layer.weights.heads;
    std::string title = fmt::format("Layer {} ({}, {} head{}), attention in %", layer.weights.layer, layer.type, heads,
                                    heads == 1 ? "" : "s");
    if (layer.head) return title + fmt::format(", head {}", *layer.head);
    if (const std::size_t shown = shown_heads(layer).size(); shown > 0 && std::cmp_less(shown, heads))
        title += fmt::format(", the first {} and the mean of all", shown);
    return title;
}

std::string entropies_text(const NodeView& view, const LayerView& layer) {
    const auto node = static_cast<std::size_t>(view.node);
    std::vector<double> entropies;
    for (std::int64_t head = 0; head < layer.weights.heads; ++head)
        entropies.push_back(attention_entropy(layer.edges, layer.weights, node, head));
    const double mean =
        std::accumulate(entropies.begin(), entropies.end(), 0.0) / static_cast<double>(entropies.size());
    std::string text =
        fmt::format("{} {:5.2f}",
                    fit(fmt::format("entropy, nats; of equal weights {:.2f}", uniform_entropy(layer.edges, node)), 38),
                    layer.head ? entropies[static_cast<std::size_t>(*layer.head)] : mean);
    for (const std::size_t head : shown_heads(layer)) text += fmt::format(" {:3.1f}", entropies[head]);
    return text + "\n";
}

std::string neighbours_text(const NodeView& view, const LayerView& layer, std::size_t most) {
    const std::vector<Neighbour> neighbours = neighbours_of(layer, view.node);
    if (neighbours.empty()) return fmt::format("\n{}: no edge leads into it.\n", layer_title(layer));
    std::string text =
        fmt::format("\n{}\n{:<{}} {:<{}} {:<{}} {:>5}", layer_title(layer), "neighbour", name_width, "label",
                    class_width, "predicted", class_width, shown_heads(layer).empty() ? "%" : "mean");
    for (const std::size_t head : shown_heads(layer)) text += fmt::format(" {:>3}", head);
    text += "\n";

    const auto weights_text = [&](double weight, const auto& of_head) {
        std::string cells = fmt::format("{:5.1f}", 100 * weight);
        for (const std::size_t head : shown_heads(layer)) cells += fmt::format(" {:3.0f}", 100 * of_head(head));
        return cells + "\n";
    };
    const std::size_t shown = most == 0 ? neighbours.size() : std::min(most, neighbours.size());
    for (std::size_t i = 0; i < shown; ++i)
        text += row_of(view, neighbours[i].node) +
                weights_text(neighbours[i].weight, [&](std::size_t head) { return neighbours[i].heads[head]; });
    if (shown < neighbours.size()) {
        const auto rest = std::span(neighbours).subspan(shown);
        const auto sum = [&](const auto& of) {
            return std::accumulate(rest.begin(), rest.end(), 0.0,
                                   [&](double total, const Neighbour& one) { return total + of(one); });
        };
        text += fit(fmt::format("{} others, together", rest.size()), 38) + " " +
                weights_text(sum([](const Neighbour& one) { return one.weight; }), [&](std::size_t head) {
                    return sum([&](const Neighbour& one) { return one.heads[head]; });
                });
    }
    return layer.attends ? text + entropies_text(view, layer) : text;
}

std::string far_neighbours_text(const NodeView& view, std::size_t most) {
    const std::string& layer = view.layers.back().weights.layer;
    if (!view.layer_before)
        return fmt::format("\nTwo hops away: nothing is heard, as layer {} is the first that weighs neighbours.\n",
                           layer);
    const std::vector<FarNeighbour> far = view.far_neighbours();
    std::string text = fmt::format("\nTwo hops away: through layer {}, then layer {}, weights in %\n",
                                   view.layer_before->weights.layer, layer);
    if (far.empty()) return text + "none\n";
    text += fmt::format("{:<{}} {:<{}} {:<{}} {:>5}  mostly through\n", "node", name_width, "label", class_width,
                        "predicted", class_width, "%");
    const std::size_t shown = most == 0 ? far.size() : std::min(most, far.size());
    for (std::size_t i = 0; i < shown; ++i)
        text += row_of(view, far[i].node) +
                fmt::format("{:5.1f}  {}\n", 100 * far[i].weight, printable(view.name(far[i].via)));
    if (shown == far.size()) return text;
    double rest = 0;
    for (std::size_t i = shown; i < far.size(); ++i) rest += far[i].weight;
    return text +
           fmt::format("{} {:5.1f}\n", fit(fmt::format("{} others, together", far.size() - shown), 38), 100 * rest);
}

json node_json(const NodeView& view, std::int32_t node) {
    return {
        {"node", node}, {"name", view.name(node)}, {"label", view.label(node)}, {"predicted", view.predicted(node)}};
}

json layer_json(const NodeView& view, const LayerView& layer) {
    json neighbours = json::array();
    for (const Neighbour& neighbour : neighbours_of(layer, view.node)) {
        json one = node_json(view, neighbour.node);
        one["weight"] = neighbour.weight;
        one["heads"] = neighbour.heads;
        neighbours.push_back(one);
    }
    json result{
        {"layer", layer.weights.layer}, {"type", layer.type}, {"attends", layer.attends}, {"neighbours", neighbours}};
    if (layer.head) result["head"] = *layer.head;
    if (!layer.attends) return result;
    const auto node = static_cast<std::size_t>(view.node);
    for (std::int64_t head = 0; head < layer.weights.heads; ++head)
        result["entropy"].push_back(attention_entropy(layer.edges, layer.weights, node, head));
    result["uniform_entropy"] = uniform_entropy(layer.edges, node);
    return result;
}

}  // namespace

std::string to_text(const NodeView& view, std::size_t most) {
    std::string text = predictions_text(view);
    if (view.analysis.attention.empty())
        text += fmt::format("\nNo layer of this model attends{}\n",
                            view.layers.empty() ? ", and none weighs neighbours by fixed numbers."
                                                : "; a gcn layer weighs by 1 / sqrt(d_i d_j), whatever it learned.");
    for (const LayerView& layer : view.layers) text += neighbours_text(view, layer, most);
    if (view.two_hops && !view.layers.empty()) text += far_neighbours_text(view, most);
    return text;
}

json to_json(const NodeView& view) {
    json node = node_json(view, view.node);
    node["split"] = view.split();
    node["probabilities"] = json::object();
    for (std::size_t c = 0; c < view.class_names.size(); ++c)
        node["probabilities"][view.class_names[c]] = view.analysis.probabilities_of(view.node)[c];
    json result{{"node", node}, {"layers", json::array()}};
    for (const LayerView& layer : view.layers) result["layers"].push_back(layer_json(view, layer));
    if (!view.two_hops) return result;
    result["two_hops"] = json::array();
    for (const FarNeighbour& far : view.far_neighbours()) {
        json one = node_json(view, far.node);
        one["weight"] = far.weight;
        one["via"] = view.name(far.via);
        result["two_hops"].push_back(one);
    }
    return result;
}

}  // namespace tapegrad
