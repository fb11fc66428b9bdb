// Training the paper's model on Cora with the simd backend: the same bits on any number of threads, the losses of the
// reference, and no memory from the system after the first step.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <vector>

#include "autograd/tensor.hpp"
#include "backends/loader.hpp"
#include "datasets/load.hpp"
#include "tests/backends/page_faults.hpp"
#include "tools/configs/config.hpp"
#include "tools/data/known_datasets.hpp"
#include "tools/training/model.hpp"
#include "tools/training/trainer.hpp"

using namespace tapegrad;
using nlohmann::json;

namespace {

/// examples/cora_gat.json on an opened backend.
class PaperRun {
public:
    explicit PaperRun(const BackendPtr& backend) {
        json config = read_config(TAPEGRAD_SOURCE_DIR "/examples/cora_gat.json");
        complete_config(config, "cora_gat.json");
        data_ = prepare_graph_data(load_dataset("cora", data_folders()), config.at("dataset"), backend);
        model_ = build_model(config.at("model"), {data_.feature_count, data_.classes}, backend, 0);
        optimizer_ = build_optimizer(config.at("optimizer"), config.at("model"), *model_);
        options_ = training_options(config.at("training"), 0);
    }

    /// Makes that many steps more; the loss of each.
    std::vector<double> losses(int steps) {
        std::vector<double> all;
        for (int i = 0; i < steps; ++i) all.push_back(train_step(*model_, *optimizer_, data_, options_, step_++));
        return all;
    }
    std::vector<std::vector<float>> weights() const {
        std::vector<std::vector<float>> all;
        for (const auto& [name, weight] : model_->parameters()) all.push_back(weight.values<float>());
        return all;
    }

private:
    GraphData data_;
    std::shared_ptr<Module> model_;
    std::unique_ptr<Optimizer> optimizer_;
    TrainingOptions options_{};
    int step_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_simd_training)

BOOST_AUTO_TEST_CASE(fifty_steps_on_one_two_and_three_threads_end_with_the_same_bits) {
    PaperRun one(open_backend("simd", 1));
    one.losses(50);
    for (const int threads : {2, 3}) {
        const BackendPtr backend = open_backend("simd", threads);
        PaperRun several(backend);
        several.losses(50);
        BOOST_TEST((several.weights() == one.weights()), threads << " threads made other weights");
        // That backend has its threads: whoever writes a page of fresh memory first has the fault.
        const auto before = testing::page_faults();
        full(backend, {std::int64_t{1} << 26}, 1);
        BOOST_TEST(testing::threads_with_page_faults_since(before, 8) == threads);
    }
}

BOOST_AUTO_TEST_CASE(losses_are_those_of_the_reference_over_twenty_epochs_with_dropout) {
    PaperRun simd(open_backend("simd", 2)), reference(open_backend("reference"));
    const std::vector<double> got = simd.losses(20), wanted = reference.losses(20);
    for (std::size_t epoch = 0; epoch < got.size(); ++epoch)
        BOOST_TEST(std::abs(got[epoch] - wanted[epoch]) < 1e-4,
                   "epoch " << epoch << ": " << got[epoch] << ", reference " << wanted[epoch]);
}

BOOST_AUTO_TEST_CASE(a_step_takes_no_memory_from_the_plugin_after_the_first) {
    const BackendPtr backend = open_backend("simd", 2);
    PaperRun run(backend);
    run.losses(1);
    const std::uint64_t after_one = backend->plugin_allocations();
    run.losses(5);
    BOOST_TEST(backend->plugin_allocations() == after_one);
}

BOOST_AUTO_TEST_SUITE_END()
