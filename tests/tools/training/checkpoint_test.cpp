#include "tools/training/checkpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "nn/safetensors.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
namespace fs = std::filesystem;

namespace {

// A run after some epochs, with everything that a state may hold.
TrainerState some_state(int epochs) {
    Run run(complete({"training.early_stopping.patience=50"}));
    Trainer trainer(*run.model, *run.optimizer, run.data, run.options);
    while (trainer.epochs() < epochs) trainer.run_epoch();
    return trainer.state();
}

// The bytes of a file, as a text that says nothing to a person but is equal exactly for equal states.
std::string bytes_of(const TrainerState& state) {
    const TemporaryFolder folder;
    save_checkpoint(folder.path() / "state", state);
    return read_file(folder.path() / "state");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_checkpoint)

BOOST_AUTO_TEST_CASE(a_state_comes_back_as_it_was) {
    const TemporaryFolder folder;
    TrainerState state = some_state(5);
    state.stopping.losses.push_back(std::numeric_limits<double>::quiet_NaN());
    state.seconds = 0.1;
    save_checkpoint(folder.path() / "state", state);
    const TrainerState loaded = load_checkpoint(reference(), folder.path() / "state");
    BOOST_CHECK(bytes_of(loaded) == bytes_of(state));
    BOOST_CHECK_EQUAL(loaded.epochs, 5);
    BOOST_CHECK_EQUAL(loaded.optimizer_steps, 5);
    BOOST_CHECK(loaded.stopping.best_epoch == state.stopping.best_epoch);
    BOOST_CHECK_EQUAL(loaded.stopping.best_loss, state.stopping.best_loss);
    BOOST_CHECK_EQUAL(loaded.parameters.size(), state.parameters.size());
    BOOST_CHECK_EQUAL(loaded.averages.size(), 2 * state.parameters.size());

    save_checkpoint(folder.path() / "begin", TrainerState{});
    BOOST_CHECK_EQUAL(load_checkpoint(reference(), folder.path() / "begin").stopping.best_loss,
                      std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_a_safetensors_file) {
    const TemporaryFolder folder;
    save_checkpoint(folder.path() / "state", some_state(1));
    const SafetensorsContent content = load_safetensors(reference(), folder.path() / "state");
    BOOST_CHECK_EQUAL(content.tensors.front().first, "model.1.weight");
    BOOST_CHECK(content.metadata.contains("state"));
}

BOOST_AUTO_TEST_CASE(cut_off_at_any_length_it_is_refused) {
    const TemporaryFolder folder;
    const std::string whole = bytes_of(some_state(2));
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write_file(folder.path() / "cut", whole.substr(0, length));
        BOOST_CHECK_THROW(load_checkpoint(reference(), folder.path() / "cut"), DataError);
    }
}

BOOST_AUTO_TEST_CASE(with_any_byte_flipped_it_is_refused) {
    const TemporaryFolder folder;
    const std::string whole = bytes_of(some_state(2));
    for (std::size_t place = 0; place < whole.size(); ++place) {
        std::string flipped = whole;
        flipped[place] = static_cast<char>(flipped[place] ^ (1 << place % 8));
        write_file(folder.path() / "flipped", flipped);
        BOOST_CHECK_THROW(load_checkpoint(reference(), folder.path() / "flipped"), DataError);
    }
}

BOOST_AUTO_TEST_CASE(the_one_before_the_last_is_kept_and_offered_when_the_last_is_damaged) {
    const TemporaryFolder folder;
    const CheckpointFolder checkpoints(folder.path());
    BOOST_CHECK(!checkpoints.load(reference(), false));
    expect_error<ConfigError>([&] { checkpoints.load(reference(), true); }, {"--from previous", "none"});

    for (const int epochs : {1, 2, 3}) checkpoints.save(some_state(epochs));
    BOOST_CHECK_EQUAL(checkpoints.load(reference(), false)->epochs, 3);
    BOOST_CHECK_EQUAL(checkpoints.load(reference(), true)->epochs, 2);
    BOOST_CHECK(!load_safetensors(reference(), checkpoints.best()).tensors.empty());

    write_file(checkpoints.last(), "damaged");
    expect_error<DataError>([&] { checkpoints.load(reference(), false); },
                            {"a damaged one", "previous.safetensors, after 2 epochs, is whole", "--from previous"});
    checkpoints.go_back_to_previous();
    BOOST_CHECK_EQUAL(checkpoints.load(reference(), false)->epochs, 2);

    fs::remove(checkpoints.last());
    expect_error<DataError>([&] { checkpoints.load(reference(), false); },
                            {"no last.safetensors", "previous.safetensors, after 2 epochs, is whole"});

    write_file(checkpoints.last(), "damaged");
    write_file(checkpoints.previous(), "damaged too");
    expect_error<DataError>([&] { checkpoints.load(reference(), false); }, {"No other one is whole", "--overwrite"});
}

BOOST_AUTO_TEST_CASE(one_of_another_config_is_refused_with_the_difference) {
    const TemporaryFolder folder;
    const nlohmann::json config{{"seed", 1}, {"threads", 1}};
    CheckpointFolder(folder.path(), config).save(some_state(1));
    const auto load = [&](const nlohmann::json& now) {
        return CheckpointFolder(folder.path(), now).load(reference(), false);
    };
    BOOST_CHECK_EQUAL(load(config)->epochs, 1);
    BOOST_CHECK_EQUAL(load({{"seed", 1}, {"threads", 2}})->epochs, 1);
    expect_error<ConfigError>(
        [&] {
            load({{"seed", 7}, {"threads", 1}});
        },
        {"last.safetensors", "seed", "1", "7", "config.json"});
}

BOOST_AUTO_TEST_CASE(none_is_written_where_the_run_folder_is_gone) {
    const TemporaryFolder parent;
    const CheckpointFolder checkpoints(parent.path() / "gone");
    expect_error<DataError>([&] { checkpoints.save(some_state(1)); }, {"next.safetensors", "No such file"});
    BOOST_CHECK(!fs::exists(parent.path() / "gone"));
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_written_leaves_the_others_as_they_are) {
    const TemporaryFolder folder;
    const CheckpointFolder checkpoints(folder.path());
    checkpoints.save(some_state(1));
    const std::string then = read_file(checkpoints.last());
    fs::create_directories(folder.path() / "checkpoints" / "next.safetensors.part" / "in the way");
    expect_error<DataError>([&] { checkpoints.save(some_state(2)); }, {"next.safetensors", "can be written"});
    BOOST_CHECK(read_file(checkpoints.last()) == then);
}

BOOST_AUTO_TEST_SUITE_END()
