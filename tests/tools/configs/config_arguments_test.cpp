#include "tools/configs/config_arguments.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <string>

#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/common/tool.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

class WrittenConfig {
public:
    explicit WrittenConfig(const std::string& text) { std::ofstream(folder_.path() / "file.json") << text; }
    ConfigArguments with(const std::vector<std::string>& assignments) const {
        return {.files = {(folder_.path() / "file.json").string()}, .assignments = assignments};
    }

private:
    TemporaryFolder folder_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_config_arguments)

BOOST_AUTO_TEST_CASE(options_come_after_assignments_and_these_after_the_file) {
    const WrittenConfig file(R"({"dataset": {"name": "cora"}, "seed": 1, "threads": 1,
                                 "model": [{"type": "linear", "out_features": "classes"}]})");
    ConfigArguments arguments = file.with({"threads=2", "seed=2"});
    arguments.seed = 3;
    const nlohmann::json config = complete_arguments(arguments);
    BOOST_TEST(config["seed"] == 3);
    BOOST_TEST(config["threads"] == 2);
    BOOST_TEST(config["optimizer"]["type"] == "adam");
}

BOOST_AUTO_TEST_CASE(all_that_is_wrong_in_file_and_assignments_is_told_at_once) {
    const WrittenConfig file(R"({"dataset": {"name": "cora"}, "sed": 1,
                                 "model": [{"type": "linear", "out_features": "classes"}]})");
    expect_error<WrongUsage>(
        [&] {
            complete_arguments(file.with({"epochs", "model.7.bias=true", "learning_rat=1", "lr=-1"}));
        },
        {"--set epochs: ", "--set model.7.bias=true: ", "key learning_rat: ", "--set lr=-1: optimizer.learning_rate: ",
         "file.json: sed: "});
}

BOOST_AUTO_TEST_SUITE_END()
