#include "tools/training/experiment.hpp"

#include <utility>

#include "datasets/load.hpp"
#include "tools/common/chosen_backend.hpp"
#include "tools/common/tool.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/training/model.hpp"
#include "tools/training/rehearsal.hpp"

namespace tapegrad {

std::int64_t Experiment::parameter_count() const {
    std::int64_t count = 0;
    for (const auto& [name, parameter] : model->parameters()) count += parameter.size();
    return count;
}

Experiment build_experiment(const nlohmann::json& config, PartTimes& parts, std::optional<std::uint64_t> memory_limit) {
    const nlohmann::json& settings = config.at("dataset");
    check_dataset_name(settings.at("name"));
    parts.begin("open backend");
    const BackendPtr backend = open_chosen_backend(config.at("backend"), thread_count(config.at("threads")));
    parts.begin("load data");
    Dataset dataset = load_dataset(settings.at("name"), data_folders());
    if (memory_limit) {
        parts.begin("estimate memory");
        check_memory(config, dataset, *backend, *memory_limit);
        backend->set_memory_limit(*memory_limit);
    }
    parts.begin("prepare data");
    GraphData data = prepare_graph_data(dataset, settings, backend);
    parts.begin("build model");
    std::shared_ptr<Sequential> model =
        build_model(config.at("model"), {data.feature_count, data.classes}, backend, config.at("seed"));
    std::unique_ptr<Optimizer> optimizer = build_optimizer(config.at("optimizer"), config.at("model"), *model);
    return {backend, std::move(dataset), std::move(data), std::move(model), std::move(optimizer)};
}

}  // namespace tapegrad
