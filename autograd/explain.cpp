#include "autograd/explain.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace tapegrad {

namespace {

std::string to_string(const ExplainedNode::Value& value) {
    return value.number < 0 ? value.spec : fmt::format("%{} {}", value.number, value.spec);
}

std::string list(const std::vector<ExplainedNode::Value>& values) {
    std::string text;
    for (const ExplainedNode::Value& value : values) text += (text.empty() ? "" : ", ") + to_string(value);
    return text;
}

std::string escape_xml(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '&')
            result += "&amp;";
        else
            result += c;
    }
    return result;
}

}  // namespace

std::vector<ExplainedNode> explain(const Tape& tape) {
    std::vector<ExplainedNode> result;
    std::set<const void*> counted;
    for (const TapeNode& node : tape.nodes()) {
        ExplainedNode explained{node.op->name, node.op->formula, {}, {}, 0, node.native, node.seconds};
        const auto add = [&](const TapeNode::Value& value, std::vector<ExplainedNode::Value>& values) {
            const int number = value.slot == TapeNode::untracked ? -1 : static_cast<int>(value.slot);
            values.push_back({to_string(value.spec.dtype) + " " + to_string(value.spec.shape), number});
            if (value.saved.defined() && counted.insert(value.saved.array().data).second)
                explained.bytes_saved += value.saved.bytes();
        };
        for (const TapeNode::Value& input : node.inputs) add(input, explained.inputs);
        for (const TapeNode::Value& output : node.outputs) add(output, explained.outputs);
        result.push_back(std::move(explained));
    }
    return result;
}

std::string to_text(const std::vector<ExplainedNode>& nodes) {
    std::string text = fmt::format("{:>5}  {:<16} {:<8} {:>10} {:>9}  {}\n", "node", "op", "kernel", "bytes kept", "ms",
                                   "values and formula");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const ExplainedNode& node = nodes[i];
        text += fmt::format("{:>5}  {:<16} {:<8} {:>10} {:>9.3f}  {} -> {}   {}\n", i, node.op,
                            node.native ? "native" : "composed", node.bytes_saved, node.seconds * 1e3,
                            list(node.inputs), list(node.outputs), node.formula);
    }
    return text;
}

std::string to_json(const std::vector<ExplainedNode>& nodes) {
    const auto values_json = [](const std::vector<ExplainedNode::Value>& values) {
        nlohmann::json array = nlohmann::json::array();
        for (const ExplainedNode::Value& value : values)
            array.push_back({{"spec", value.spec}, {"number", value.number}});
        return array;
    };
    nlohmann::json array = nlohmann::json::array();
    for (const ExplainedNode& node : nodes)
        array.push_back({{"op", node.op},
                         {"formula", node.formula},
                         {"inputs", values_json(node.inputs)},
                         {"outputs", values_json(node.outputs)},
                         {"bytes_saved", node.bytes_saved},
                         {"native", node.native},
                         {"seconds", node.seconds}});
    return array.dump(2);
}

std::string to_svg(const std::vector<ExplainedNode>& nodes) {
    constexpr int row = 56, box_height = 40, box_left = 120, box_width = 640;
    std::map<int, std::size_t> made_by;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const ExplainedNode::Value& output : nodes[i].outputs) made_by[output.number] = i;
    std::string lines, boxes;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const int top = 10 + static_cast<int>(i) * row;
        for (const ExplainedNode::Value& input : nodes[i].inputs) {
            const auto maker = made_by.find(input.number);
            if (input.number < 0 || maker == made_by.end()) continue;
            const int distance = static_cast<int>(i - maker->second);
            const int from = 10 + static_cast<int>(maker->second) * row + box_height;
            // Neighbours are joined straight down; longer ways bend out to the left, the further the longer.
            const int bend = distance == 1 ? box_left + 20 : std::max(5, box_left - 12 * distance);
            lines += fmt::format("<path d=\"M{0} {1} C{2} {1} {2} {3} {0} {3}\"/>\n", box_left + 20, from, bend, top);
        }
        const ExplainedNode& node = nodes[i];
        boxes += fmt::format(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\" class=\"{}\"/>\n"
            "<text x=\"{}\" y=\"{}\"><tspan class=\"op\">{}</tspan> {} -&gt; {}</text>\n"
            "<text x=\"{}\" y=\"{}\" class=\"formula\">{}</text>\n",
            box_left, top, box_width, box_height, node.native ? "native" : "composed", box_left + 10, top + 17,
            escape_xml(node.op), escape_xml(list(node.inputs)), escape_xml(list(node.outputs)), box_left + 10, top + 33,
            escape_xml(node.formula));
    }
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<style>path {{fill: none; stroke: #888}} rect {{stroke: #555}} .native {{fill: #e3f0ff}} "
        ".composed {{fill: #fff3dc}} .op {{font-weight: bold}} .formula {{fill: #555; font-size: "
        "11px}}</style>\n{}{}</svg>\n",
        box_left + box_width + 10, 20 + static_cast<int>(nodes.size()) * row, lines, boxes);
}

}  // namespace tapegrad
