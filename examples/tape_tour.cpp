// One training step of a graph attention network that fits on paper: every value of the forward pass, every gradient,
// the step and the new loss. docs/tour.md walks through it. `tape_tour FILE` draws the tape into FILE as well, as SVG.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/explain.hpp"
#include "backends/loader.hpp"
#include "nn/layers/gat_conv.hpp"
#include "nn/losses.hpp"
#include "nn/optimizer.hpp"

using namespace tapegrad;

namespace {

// Four papers with three words each, five edges {from, to}, two classes; the classes of papers 0 and 3 are known.
const std::vector<double> words = {1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1};
const std::vector<Edge> edges = {{0, 0}, {1, 0}, {2, 0}, {2, 3}, {3, 3}};
const std::vector<std::int32_t> classes = {1, 0, 0, 0}, known_papers = {0, 3};

// One head of two features, which are the scores of the two classes.
GATConv tiny_gat(const BackendPtr& backend, AttentionScores scores) {
    HostRandom random(0);
    GATConv gat({3, backend, random, DType::f64}, {.out_features = 2, .scores = scores});
    const std::map<std::string, std::vector<double>> start = {{"weight", {1, 0, 0, 2, 1, -1}},
                                                              {"attention_source", {0.3, -0.2}},
                                                              {"attention_target", {0.1, -0.1}},
                                                              {"bias", {0, 0}}};
    for (const auto& [name, parameter] : gat.parameters())
        assign(parameter, from_values(backend, parameter.shape(), start.at(name), DType::f64));
    return gat;
}

// Elements in short, a bar after each row: "2 -1 | 0 2".
std::string numbers(const Tensor& x) {
    const std::vector<double> elements = x.values<double>();
    const std::size_t row = x.rank() > 1 ? static_cast<std::size_t>(x.shape()[x.rank() - 1]) : elements.size();
    std::string text;
    for (std::size_t i = 0; i < elements.size(); ++i)
        text += fmt::format("{}{:.4g}", i == 0 ? "" : row > 1 && i % row == 0 ? " | " : " ", elements[i]);
    return text;
}

// "%3 weight [3, 2] ..."; a value that the tape does not track has no number.
void print_value(int number, const std::string& name, const Tensor& x) {
    fmt::print("  {:>4} {:<17} {:<9}  {}\n", number < 0 ? "" : fmt::format("%{}", number), name, to_string(x.shape()),
               numbers(x));
}

// A value that the tape tracks.
struct Tracked {
    std::string name;
    Tensor value;
};

// Prints every node with the numbers that it took and made. Returns what the tape tracks, by its number there.
std::map<int, Tracked> print_forward(const Tape& tape, const std::vector<NamedParameter>& parameters) {
    const std::map<std::string, std::string> notes = {{"matmul", "    <- equation 1: z"},
                                                      {"leaky_relu", "    <- equation 2: e"},
                                                      {"scatter_softmax", "    <- equation 3: alpha"},
                                                      {"scatter_sum", "    <- equation 4: h'"},
                                                      {"cross_entropy", "    <- the loss"}};
    std::map<int, Tracked> tracked;
    const std::vector<ExplainedNode> nodes = explain(tape);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto note = notes.find(nodes[i].op);
        fmt::print("\nnode {}: {}    {}{}\n", i, nodes[i].op, nodes[i].formula,
                   note == notes.end() ? "" : note->second);

        const std::vector<std::string>& input_names = tape.nodes()[i].op->inputs;
        const std::size_t inputs = nodes[i].inputs.size();
        for (std::size_t k = 0; k < tape.values()[i].size(); ++k) {
            const Tensor& x = tape.values()[i][k];
            std::string name = k < inputs ? input_names[std::min(k, input_names.size() - 1)] : "= " + nodes[i].op;
            for (const auto& [parameter_name, parameter] : parameters)
                if (parameter.same(x)) name = parameter_name;
            const int number = k < inputs ? nodes[i].inputs[k].number : nodes[i].outputs[k - inputs].number;
            print_value(number, name, x);
            if (number >= 0) tracked.try_emplace(number, Tracked{name, x});
        }
    }
    return tracked;
}

// Prints the gradient of the loss for every value, in the order in which walking back completes them.
void print_backward(Tape& tape, const Tensor& loss, const std::map<int, Tracked>& tracked) {
    std::vector<Tensor> values;
    for (const auto& [number, known] : tracked) values.push_back(known.value);
    const std::vector<Tensor> gradients = tape.gradient(loss, values);
    auto gradient = gradients.rbegin();
    for (auto known = tracked.rbegin(); known != tracked.rend(); ++known)
        print_value(known->first, known->second.name, *gradient++);
}

// The whole step, by the few calls that any training makes.
void print_step(GATConv& gat, const std::function<Tensor(Module&)>& loss_of) {
    Sgd optimizer({{.parameters = gat.parameters()}}, {.learning_rate = 0.5});
    Tape tape;
    const Tensor loss = loss_of(gat);
    fmt::print("\nWith \"scores\": \"split\" the tape has {} nodes:\n ", tape.nodes().size());
    for (const ExplainedNode& node : explain(tape)) fmt::print(" {}", node.op);

    tape.backward(loss);
    fmt::print("\nThe loss is {:.6f} as before, and the gradients are\n", loss.item());
    for (const auto& [name, parameter] : gat.parameters()) print_value(-1, name, parameter.grad());

    optimizer.step();
    fmt::print("\nOne step of gradient descent, w = w - 0.5 * gradient, makes the parameters\n");
    for (const auto& [name, parameter] : gat.parameters()) print_value(-1, name, parameter);
    fmt::print("and the loss {:.6f}, which was {:.6f}\n", loss_of(gat).item(), loss.item());
}

void tour(const char* drawing) {
    const BackendPtr backend = open_backend("reference");
    const Tensor papers = from_values(backend, {4, 3}, words, DType::f64);
    const Graph graph = make_graph(backend, edges, 4, DType::f64);
    const LabelledRows labelled = make_labelled_rows(backend, known_papers, classes, 2);
    const auto loss_of = [&](Module& model) {
        return cross_entropy(std::get<Tensor>(model.forward(papers, {.graph = &graph})), labelled);
    };

    GATConv gat = tiny_gat(backend, AttentionScores::concat);
    Tape tape({.keep_values = true});
    const Tensor loss = loss_of(gat);
    fmt::print("Forward: the tape, node by node. %N is value N, which a gradient can reach.\n");
    const std::map<int, Tracked> tracked = print_forward(tape, gat.parameters());
    if (drawing != nullptr && !(std::ofstream(drawing) << to_svg(explain(tape))))
        throw ConfigError(drawing, "a file that can be written", "none", "Name another one for the drawing");
    fmt::print("\nBackward: the gradient of the loss for each value, from the last to the first\n");
    print_backward(tape, loss, tracked);

    // The same parameters and the same equations, but 2 to 4 in one fused op.
    GATConv split_gat = tiny_gat(backend, AttentionScores::split);
    print_step(split_gat, loss_of);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        tour(argc > 1 ? argv[1] : nullptr);
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
