// Two models that are trained at once in one process.
#include <boost/test/unit_test.hpp>
#include <thread>

#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

const std::vector<std::string> gat = {
    "seed=7", R"(model=[{"type": "gat", "out_features": 4, "heads": 2, "dropout": 0.5, "attention_dropout": 0.5},
                         {"type": "elu"}, {"type": "gat", "out_features": "classes"}])"};

std::vector<double> weights_after_training(const std::vector<std::string>& settings, const std::string& backend) {
    Run run(complete(settings), two_classes(),
            open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_" + backend + ".so"));
    run.train();
    return run.weights();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(properties_two_trainings)

BOOST_AUTO_TEST_CASE(each_gives_what_it_gives_alone) {
    for (const std::string backend : {"reference", "simd"}) {
        const std::vector<double> gcn_alone = weights_after_training({}, backend),
                                  gat_alone = weights_after_training(gat, backend);
        for (int round = 0; round < 3; ++round) {
            std::vector<double> gcn_weights, gat_weights;
            std::thread one([&] { gcn_weights = weights_after_training({}, backend); });
            std::thread two([&] { gat_weights = weights_after_training(gat, backend); });
            one.join();
            two.join();
            BOOST_TEST(gcn_weights == gcn_alone, boost::test_tools::per_element());
            BOOST_TEST(gat_weights == gat_alone, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
