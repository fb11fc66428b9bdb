#include "tools/training/rehearsal.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "datasets/load.hpp"
#include "tests/backends/recording_backend.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/tools/training/small_run.hpp"
#include "tools/common/machine.hpp"
#include "tools/data/known_datasets.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

nlohmann::json example(const std::string& name) {
    nlohmann::json config = read_config(TAPEGRAD_SOURCE_DIR "/examples/" + name);
    set_value(config, "training.epochs=4");
    complete_config(config, name);
    return config;
}

BackendPtr opened(const std::string& file) { return open_backend(TAPEGRAD_BINARY_DIR "/" + file); }

// As a run does: with copies for a checkpoint after each epoch.
std::size_t real_peak(const nlohmann::json& config, const Dataset& dataset, const std::string& file) {
    Run run(config, dataset, opened(file));
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    TrainerState saved = trainer.state();
    while (!trainer.done()) {
        trainer.run_epoch();
        TrainerState now = trainer.state();
        saved = std::move(now);
    }
    trainer.finish();
    return run.backend->peak_bytes();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_training_rehearsal)

BOOST_AUTO_TEST_CASE(the_peak_is_that_of_training) {
    const Dataset cora = load_dataset("cora", data_folders());
    std::vector<std::pair<std::string, std::string>> cases;
    for (const char* const config : {"cora_gat.json", "cora_gcn.json"})
        for (const char* const backend : {"reference", "simd"})
            cases.emplace_back(config, std::string("lib/libtapegrad_backend_") + backend + ".so");
    // Recorded work keeps its memory.
    if (std::filesystem::exists(recording_backend_file))
        cases.emplace_back("cora_gat.json", "cuda_on_host/libtapegrad_backend_cuda_on_host.so");
    for (const auto& [name, file] : cases) {
        const nlohmann::json config = example(name);
        const BackendPtr backend = opened(file);
        const std::size_t rehearsed = rehearsed_peak(config, cora, *backend), real = real_peak(config, cora, file);
        BOOST_TEST_MESSAGE(name << " on " << backend->name() << ": " << rehearsed << " rehearsed, " << real << " real");
        BOOST_TEST(std::abs(static_cast<double>(rehearsed) / static_cast<double>(real) - 1) < 0.05,
                   name << " on " << backend->name() << ": " << rehearsed << " rehearsed, " << real << " real");
        BOOST_TEST(backend->plugin_allocations() == 0U, "the backend itself is not asked for memory");
    }
}

BOOST_AUTO_TEST_CASE(a_model_beyond_the_budget_is_refused_without_its_memory) {
    const nlohmann::json config = complete({R"(model=[{"type": "linear", "out_features": 65536},
                                                      {"type": "linear", "out_features": 65536},
                                                      {"type": "linear", "out_features": "classes"}])"});
    const std::int64_t before = peak_memory();
    expect_error<BackendError>([&] { check_memory(config, two_classes(), *reference(), std::size_t{100} << 20); },
                               {"memory", "take 100.0 MiB", "more than 800.0 MiB"});
    BOOST_TEST(peak_memory() - before < 1 << 26, "the weights alone are 2^32 numbers");
}

BOOST_AUTO_TEST_CASE(a_budget_is_kept_or_refused_with_the_estimate) {
    const nlohmann::json config = complete();
    BOOST_CHECK_NO_THROW(check_memory(config, two_classes(), *reference(), 1 << 20));
    const std::size_t peak = rehearsed_peak(config, two_classes(), *reference());
    BOOST_CHECK_NO_THROW(check_memory(config, two_classes(), *reference(), peak));
    expect_error<BackendError>([&] { check_memory(config, two_classes(), *reference(), peak - 1); },
                               {"memory", "KiB", "about", std::to_string(peak) + " bytes", "--memory"});
    expect_error<MemoryLimitError>([&] { rehearsed_peak(config, two_classes(), *reference(), 1000); },
                                   {"1000 bytes at most"});
}

BOOST_AUTO_TEST_CASE(each_rehearsal_says_the_same) {
    const std::size_t once = rehearsed_peak(complete(), two_classes(), *reference());
    BOOST_TEST(rehearsed_peak(complete(), two_classes(), *reference()) == once);
    BOOST_TEST(once > 0U);
}

BOOST_AUTO_TEST_SUITE_END()
