#include "tools/training/dry_run.hpp"

#include <boost/test/unit_test.hpp>

#include "backends/loader.hpp"
#include "tools/configs/config.hpp"
#include "tools/training/model.hpp"

using namespace tapegrad;
using nlohmann::json;

namespace {

// Four nodes in a row, five words, two classes.
Dataset small_graph() {
    Dataset dataset;
    dataset.name = "small graph";
    dataset.nodes = 4;
    dataset.features = {.rows = 4,
                        .columns = 5,
                        .row_offsets = {0, 1, 3, 5, 6},
                        .column_index = {0, 1, 2, 2, 3, 4},
                        .values = {1, 1, 1, 1, 1, 1}};
    dataset.labels = {0, 0, 1, 1};
    dataset.class_names = {"a", "b"};
    dataset.node_names = {"0", "1", "2", "3"};
    dataset.edges = {{0, 1}, {1, 2}, {2, 3}};
    dataset.train = {0, 3};
    dataset.validation = {1};
    dataset.test = {2};
    return dataset;
}

json config_with(const std::string& optimizer, const std::string& features = "sparse") {
    json config = json::parse(R"({"dataset": {"name": "none"}, "model": [{"type": "gcn", "out_features": 3},
        {"type": "dropout"}, {"type": "linear", "out_features": "classes"}]})");
    config["optimizer"] = json::parse(optimizer);
    config["dataset"]["features"] = features;
    complete_config(config, "test");
    return config;
}

struct Prepared {
    explicit Prepared(const json& complete)
        : config(complete),
          data(prepare_graph_data(small_graph(), config.at("dataset"), backend)),
          model(build_model(config.at("model"), {data.feature_count, data.classes}, backend, 0)),
          optimizer(build_optimizer(config.at("optimizer"), config.at("model"), *model)),
          options(training_options(config.at("training"), 0)) {}

    json config;
    BackendPtr backend = open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so");
    GraphData data;
    std::shared_ptr<Module> model;
    std::unique_ptr<Optimizer> optimizer;
    TrainingOptions options;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_dry_run)

BOOST_AUTO_TEST_CASE(parameters_have_shape_size_and_decay) {
    const json config = config_with(R"({"weight_decay": 0.25, "weight_decay_layers": [2]})");
    BOOST_CHECK_EQUAL(parameter_table(*Prepared(config).model, config.at("optimizer")),
                      "parameter   shape  numbers  bytes  weight decay\n"
                      "0.weight   [5, 3]       15     60            no\n"
                      "0.bias        [3]        3     12            no\n"
                      "2.weight   [3, 2]        6     24          0.25\n"
                      "2.bias        [2]        2      8          0.25\n"
                      "all                     26    104\n");
    const json without = config_with(R"({"weight_decay": 0})");
    BOOST_CHECK(parameter_table(*Prepared(without).model, without.at("optimizer")).find("0.25") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(memory_of_what_can_be_counted_by_hand) {
    const auto measured = [](const json& config) {
        const Prepared run(config);
        std::string tape;
        return measure_step(*run.model, *run.optimizer, run.data, run.options, tape);
    };
    const StepMemory adam = measured(config_with("{}"));
    BOOST_CHECK_EQUAL(adam.parameters, 26 * 4);
    BOOST_CHECK_EQUAL(adam.gradients, 26 * 4);
    BOOST_CHECK_EQUAL(adam.moments, 2 * 26 * 4);
    // Six values; for rows and for columns an index and an order of six, and offsets of groups and one.
    BOOST_CHECK_EQUAL(adam.features, 4 * (6 + (6 + 6 + 5) + (6 + 6 + 6)));
    BOOST_CHECK_EQUAL(measured(config_with("{}", "dense")).features, 4 * 4 * 5);
    BOOST_CHECK_EQUAL(measured(config_with(R"({"type": "sgd", "momentum": 0.5})")).moments, 26 * 4);
}

BOOST_AUTO_TEST_CASE(peak_holds_all_that_lives_at_once) {
    const Prepared run(config_with("{}"));
    std::string tape;
    const StepMemory memory = measure_step(*run.model, *run.optimizer, run.data, run.options, tape);
    // The products [4, 3] and [4, 2] at least: dropout and linear need what goes in.
    BOOST_CHECK_GE(memory.saved, 4 * 3 * 4);
    BOOST_CHECK_GE(memory.peak, memory.parameters + memory.moments + memory.features + memory.graph + memory.saved);
    for (const char* op : {"spmm", "dropout", "matmul", "cross_entropy"})
        BOOST_CHECK_MESSAGE(tape.find(op) != std::string::npos, op << " is not in " << tape);
}

BOOST_AUTO_TEST_CASE(text_has_config_parameters_memory_and_tape) {
    const Prepared run(config_with("{}"));
    const std::string text = dry_run(run.config, *run.model, *run.optimizer, run.data, run.options);
    for (const char* part : {"\"learning_rate\": 0.005", "4 nodes, 10 edges, 5 features, 2 classes",
                             "backend reference", "0.weight", "peak of a step", "cross_entropy"})
        BOOST_CHECK_MESSAGE(text.find(part) != std::string::npos, part << " is not in " << text);
}

BOOST_AUTO_TEST_SUITE_END()
