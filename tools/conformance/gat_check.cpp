#include "tools/conformance/gat_check.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "autograd/captured_work.hpp"
#include "autograd/ops/activations.hpp"
#include "autograd/tape.hpp"
#include "datasets/graph.hpp"
#include "nn/layers/activation.hpp"
#include "nn/layers/gat_conv.hpp"
#include "nn/layers/sequential.hpp"
#include "nn/losses.hpp"
#include "nn/optimizer.hpp"
#include "tools/conformance/equal_bits.hpp"

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

/// All that a step works on.
struct Training {
    Training(const Papers& data, const BackendPtr& backend, DType dtype)
        : graph(make_graph(backend, data.citations, papers, dtype)),
          features(features_on(backend, data, dtype)),
          rows(make_labelled_rows(backend, data.training_rows, data.labels, classes)),
          model(paper_model(backend, dtype)) {}

    Tensor logits(const Tensor& key) const {
        RandomStream random(key);
        return std::get<Tensor>(model->forward(features, {&graph, true, &random}));
    }

    Graph graph;
    SparseMatrix features;
    LabelledRows rows;
    std::shared_ptr<Module> model;
};

/// What two steps make: loss and logits of each, the gradients, then the weights and the logits of an evaluation.
std::vector<Tensor> training_steps(const Papers& data, const BackendPtr& backend, DType dtype) {
    const Training training(data, backend, dtype);
    const std::vector<NamedParameter> parameters = training.model->parameters();
    Sgd optimizer({{parameters, 5e-4}}, {.learning_rate = 0.125, .momentum = 0.5});
    std::vector<Tensor> made;
    for (std::uint32_t step = 0; step < 2; ++step) {
        Tape tape;
        const Tensor logits = training.logits(random_key(backend, 23, step));
        const Tensor loss = cross_entropy(logits, training.rows);
        optimizer.zero_grad();
        tape.backward(loss);
        made.insert(made.end(), {logits, loss});
        for (const auto& [name, parameter] : parameters) made.push_back(parameter.grad());
        optimizer.step();
    }
    for (const auto& [name, parameter] : parameters) made.push_back(parameter);
    made.push_back(std::get<Tensor>(training.model->forward(training.features, {&training.graph})));
    return made;
}

/// The loss, and a gradient for each parameter.
std::vector<Tensor> loss_and_gradients(const Training& training, const Tensor& key) {
    std::vector<Tensor> parameters;
    for (const auto& [name, parameter] : training.model->parameters()) parameters.push_back(parameter);
    Tape tape;
    const Tensor loss = cross_entropy(training.logits(key), training.rows);
    std::vector<Tensor> made = tape.gradient(loss, parameters);
    made.insert(made.begin(), loss);
    return made;
}

}  // namespace

void check_gat_step(Judge& judge) {
    const Papers data = random_papers();
    for (const DType dtype : {DType::f32, DType::f64})
        judge.compare("two training steps", dtype,
                      [&](const BackendPtr& backend, DType used) { return training_steps(data, backend, used); });
}

void check_recorded_step(const tg_backend& plugin, Report& report, const Progress& progress) {
    const Papers data = random_papers();
    for (const DType dtype : {DType::f32, DType::f64}) {
        const BackendPtr backend = Backend::open(plugin, 2);
        const Training training(data, backend, dtype);
        const Tensor key = random_key(backend, 23, 0);
        std::vector<Tensor> recorded = loss_and_gradients(training, key);  // once for what is made at first use
        progress(fmt::format("recording a step in {}", to_string(dtype)));
        CapturedWork work(backend, [&] { recorded = loss_and_gradients(training, key); });
        for (std::uint32_t step = 0; step < 3; ++step) {
            progress(fmt::format("replay {} in {}", step, to_string(dtype)));
            std::vector<std::vector<double>> wanted;
            for (const Tensor& x : loss_and_gradients(training, random_key(backend, 23, step)))
                wanted.push_back(x.values<double>());
            set_random_key(key, 23, step);
            work.replay();
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                ++report.cases;
                if (!have_equal_bits(recorded[i].values<double>(), wanted[i]))
                    report.faults.push_back(
                        fmt::format("{}, replay {} of a recorded step: {} is not that of a step computed "
                                    "kernel by kernel",
                                    to_string(dtype), step, i == 0 ? "the loss" : fmt::format("gradient {}", i - 1)));
            }
        }
    }
}

}  // namespace tapegrad
