#include "tools/training/dry_run.hpp"

#include <fmt/format.h>

#include "autograd/explain.hpp"
#include "autograd/tape.hpp"
#include "tools/common/output.hpp"
#include "tools/training/model.hpp"

namespace tapegrad {
namespace {

std::size_t bytes_of(const std::vector<NamedParameter>& tensors) {
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : tensors) bytes += tensor.bytes();
    return bytes;
}

std::size_t bytes_of(const Grouping& grouping) {
    return grouping.index.bytes() + grouping.order.bytes() + grouping.offsets.bytes();
}

std::size_t bytes_of(const Value& features) {
    if (const auto* dense = std::get_if<Tensor>(&features)) return dense->bytes();
    const auto& sparse = std::get<SparseMatrix>(features);
    return sparse.values.bytes() + bytes_of(sparse.rows) + bytes_of(sparse.columns);
}

std::string memory_table(const StepMemory& memory) {
    Table table({"memory of a step", "bytes", "MB"});
    const auto add = [&](const char* what, std::size_t bytes) {
        table.add({what, fmt::format("{}", bytes), fmt::format("{:.3f}", 1e-6 * static_cast<double>(bytes))});
    };
    add("parameters", memory.parameters);
    add("gradients", memory.gradients);
    add("moments of the optimizer", memory.moments);
    add("features", memory.features);
    add("graph and labels", memory.graph);
    add("kept for backward", memory.saved);
    add("peak of a step, all together", memory.peak);
    return table.text();
}

}  // namespace

std::string parameter_table(const Module& model, const nlohmann::json& optimizer_settings) {
    Table table({"parameter", "shape", "numbers", "bytes", "weight decay"});
    std::int64_t numbers = 0;
    std::size_t bytes = 0;
    const double decay = optimizer_settings.at("weight_decay");
    for (const auto& [name, parameter] : model.parameters()) {
        const bool decays = decay != 0 && is_in_decaying_layer(name, optimizer_settings);
        table.add({name, to_string(parameter.shape()), fmt::format("{}", parameter.size()),
                   fmt::format("{}", parameter.bytes()), decays ? fmt::format("{}", decay) : "no"});
        numbers += parameter.size();
        bytes += parameter.bytes();
    }
    table.add({"all", "", fmt::format("{}", numbers), fmt::format("{}", bytes), ""});
    return table.text();
}

StepMemory measure_step(Module& model, Optimizer& optimizer, const GraphData& data, const TrainingOptions& options,
                        std::string& tape_text) {
    const BackendPtr& backend = data.train.labels.backend();
    StepMemory memory{};
    const auto forward = [&] {
        RandomStream random(random_key(backend, options.seed, 0));
        const Value logits = model.forward(data.features, {.graph = &data.graph, .training = true, .random = &random});
        return cross_entropy(dense_input("loss", logits), data.train);
    };
    for (int warm = 0; warm < 2; ++warm) {  // what is made for the first use alone counts only then
        const std::size_t before = backend->bytes_in_use();
        Tape tape({.check_finite = options.check_finite, .time_ops = true});
        const Tensor loss = forward();
        memory.saved = backend->bytes_in_use() - before;
        tape_text = to_text(explain(tape));
    }
    train_step(model, optimizer, data, options, 0);
    backend->restart_peak();
    train_step(model, optimizer, data, options, 1);
    memory.peak = backend->peak_bytes();

    memory.parameters = bytes_of(model.parameters());
    for (const auto& [name, parameter] : model.parameters())
        if (parameter.grad().defined()) memory.gradients += parameter.grad().bytes();
    memory.moments = bytes_of(optimizer.state());
    memory.features = bytes_of(data.features);
    optimizer.zero_grad();
    memory.graph = backend->bytes_in_use() - memory.parameters - memory.moments - memory.features;
    return memory;
}

std::string dry_run(const nlohmann::json& config, Module& model, Optimizer& optimizer, const GraphData& data,
                    const TrainingOptions& options) {
    std::string tape;
    const StepMemory memory = measure_step(model, optimizer, data, options, tape);
    const Backend& backend = *data.train.labels.backend();
    return fmt::format(
        "{}\n\n{} nodes, {} edges, {} features, {} classes; backend {} with {} threads: {}\n\n{}\n{}\n{}",
        config.dump(4, ' ', false, nlohmann::json::error_handler_t::replace), data.graph.nodes, data.graph.edges(),
        data.feature_count, data.classes, backend.name(), backend.threads(), backend.description(),
        parameter_table(model, config.at("optimizer")), memory_table(memory), tape);
}

}  // namespace tapegrad
