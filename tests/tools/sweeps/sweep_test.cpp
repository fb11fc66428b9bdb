#include "tools/sweeps/sweep.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

const json result{
    {"test_accuracy", 0.5}, {"val_accuracy", 0.5}, {"best_epoch", 1}, {"epochs", 2}, {"train_seconds", 1.0}};

// The folder of a run that has ended, and what is planned for it.
class EndedRun {
public:
    EndedRun() {
        write_file(file("config.json"), run.config.dump());
        write_file(file("result.json"), result.dump());
        write_run_description(run.folder, now);
    }
    std::filesystem::path file(const char* name) const { return folder_.path() / name; }
    // What is found where the folder tells of `then`.
    RunState state_with(const RunDescription& then) const {
        write_run_description(run.folder, then);
        return state_of(run, now);
    }

private:
    TemporaryFolder folder_;

public:
    SweepRun run{"seed=0", folder_.path(), complete(), json::object(), 0};
    RunDescription now = describe_run(two_classes());
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_sweep_states)

BOOST_AUTO_TEST_CASE(a_run_that_has_ended_is_told_from_one_that_was_stopped_and_one_that_never_began) {
    const EndedRun ended;
    BOOST_CHECK(state_of(ended.run, ended.now) == RunState::ended);
    std::filesystem::remove(ended.file("result.json"));
    BOOST_CHECK(state_of(ended.run, ended.now) == RunState::begun);
    std::filesystem::remove(ended.file("config.json"));
    BOOST_CHECK(state_of(ended.run, ended.now) == RunState::absent);
}

BOOST_AUTO_TEST_CASE(threads_and_backend_make_no_other_run) {
    EndedRun ended;
    ended.run.config["threads"] = 7;
    RunDescription then = ended.now;
    then.backend = "another";
    BOOST_CHECK(ended.state_with(then) == RunState::ended);
}

BOOST_AUTO_TEST_CASE(another_run_is_refused_with_the_difference) {
    EndedRun ended;
    const auto expect_refused = [&](const RunDescription& then, std::initializer_list<std::string> parts) {
        expect_error<ConfigError>([&] { ended.state_with(then); }, parts);
        expect_error<ConfigError>([&] { ended.state_with(then); }, {ended.run.folder.string(), "--overwrite"});
    };
    RunDescription other_data = ended.now, other_weights = ended.now;
    other_data.digest = "0123";
    other_weights.initial_weights = "4567";
    expect_refused(other_data, {"as it is now", "one on other data"});
    expect_refused(other_weights, {"began with random weights", "began with the weights 4567"});
    ended.run.config["training"]["epochs"] = 41;
    expect_refused(ended.now, {"training.epochs", "40", "41"});
}

BOOST_AUTO_TEST_CASE(another_version_is_told_before_keys_that_this_one_has_not) {
    const EndedRun ended;
    json config = ended.run.config;
    config["gone"] = 1;
    write_file(ended.file("config.json"), config.dump());
    RunDescription then = ended.now;
    then.version = "0.0.1";
    expect_error<ConfigError>([&] { ended.state_with(then); }, {"one of tapegrad 0.0.1"});
    expect_error<ConfigError>([&] { ended.state_with(ended.now); }, {"gone: ", "an unknown key"});
}

BOOST_AUTO_TEST_SUITE_END()
