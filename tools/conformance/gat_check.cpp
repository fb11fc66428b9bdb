#include "tools/conformance/gat_check.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include "autograd/ops/activations.hpp"
#include "autograd/tape.hpp"
#include "datasets/graph.hpp"
#include "nn/layers/activation.hpp"
#include "nn/layers/gat_conv.hpp"
#include "nn/layers/sequential.hpp"
#include "nn/losses.hpp"
#include "nn/optimizer.hpp"

namespace tapegrad {
namespace {

constexpr std::int64_t papers = 61, words = 37, classes = 5;

/// Words and citations of papers, as Cora has them; some papers are cited by nobody and one by many.
struct Papers {
    std::vector<double> word_of;  // [papers, words], 0 or 1
    std::vector<Edge> citations;
    std::vector<std::int32_t> labels, training_rows;
};

Papers random_papers() {
    HostRandom random(17);
    Papers data;
    for (std::int64_t i = 0; i < papers * words; ++i) data.word_of.push_back(random.integer(9) == 0 ? 1 : 0);
    const auto paper = [&] { return static_cast<std::int32_t>(random.integer(papers - 4)); };
    for (std::int32_t i = 0; i < papers; ++i) data.labels.push_back(static_cast<std::int32_t>(random.integer(classes)));
    for (std::int32_t i = 0; i < papers; i += 2) data.training_rows.push_back(i);
    for (int e = 0; e < 160; ++e) data.citations.push_back({paper(), e % 5 == 0 ? 3 : paper()});
    return data;
}

SparseMatrix features_on(const BackendPtr& backend, const Papers& data, DType dtype) {
    std::vector<std::int32_t> offsets{0}, columns;
    for (std::int64_t i = 0; i < papers; ++i) {
        for (std::int32_t word = 0; word < words; ++word)
            if (data.word_of[static_cast<std::size_t>(i * words + word)] != 0) columns.push_back(word);
        offsets.push_back(static_cast<std::int32_t>(columns.size()));
    }
    const auto entries = static_cast<std::int64_t>(columns.size());
    return {full(backend, {entries}, 0.25, dtype), contiguous_grouping(backend, offsets),
            make_grouping(backend, columns, words)};
}

std::shared_ptr<Module> paper_model(const BackendPtr& backend, DType dtype) {
    HostRandom random(3);
    const GatOptions hidden{
        .out_features = 8, .heads = 8, .dropout = 0.6, .attention_dropout = 0.6, .feature_dropout = 0.6};
    const GatOptions output{
        .out_features = classes, .heads = 2, .merge = HeadMerge::mean, .dropout = 0.6, .attention_dropout = 0.6};
    return std::make_shared<Sequential>(std::vector<std::shared_ptr<Module>>{
        std::make_shared<GATConv>(LayerInputs{words, backend, random, dtype}, hidden),
        std::make_shared<Activation>("elu", [](const Tensor& x) { return elu(x); }),
        std::make_shared<GATConv>(LayerInputs{hidden.merged_features(), backend, random, dtype}, output)});
}

/// What two steps make: loss and logits of each, the gradients, then the weights and the logits of an evaluation.
std::vector<Tensor> training_steps(const Papers& data, const BackendPtr& backend, DType dtype) {
    const Graph graph = make_graph(backend, data.citations, papers, dtype);
    const SparseMatrix features = features_on(backend, data, dtype);
    const LabelledRows rows = make_labelled_rows(backend, data.training_rows, data.labels, classes);
    const std::shared_ptr<Module> model = paper_model(backend, dtype);
    Sgd optimizer({{model->parameters(), 5e-4}}, {.learning_rate = 0.125, .momentum = 0.5});
    std::vector<Tensor> made;
    for (std::uint32_t step = 0; step < 2; ++step) {
        RandomStream random(random_key(backend, 23, step));
        Tape tape;
        const Tensor logits = std::get<Tensor>(model->forward(features, {&graph, true, &random}));
        const Tensor loss = cross_entropy(logits, rows);
        optimizer.zero_grad();
        tape.backward(loss);
        made.insert(made.end(), {logits, loss});
        for (const auto& [name, parameter] : model->parameters()) made.push_back(parameter.grad());
        optimizer.step();
    }
    for (const auto& [name, parameter] : model->parameters()) made.push_back(parameter);
    made.push_back(std::get<Tensor>(model->forward(features, {&graph})));
    return made;
}

}  // namespace

void check_gat_step(Judge& judge) {
    const Papers data = random_papers();
    for (const DType dtype : {DType::f32, DType::f64})
        judge.compare("two training steps", dtype,
                      [&](const BackendPtr& backend, DType used) { return training_steps(data, backend, used); });
}

}  // namespace tapegrad
