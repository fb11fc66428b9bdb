#include "tools/training/run_folder.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using nlohmann::json;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const json config{{"seed", 1}};

std::set<std::string> files_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& file : fs::directory_iterator(folder)) names.insert(file.path().filename().string());
    return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_run_folder)

BOOST_AUTO_TEST_CASE(new_folder_is_made_and_holds_the_config) {
    const TemporaryFolder parent;
    const RunFolder folder(parent.path() / "a" / "b", false);
    folder.write_config(config);
    BOOST_CHECK(json::parse(read_file(parent.path() / "a" / "b" / "config.json")) == config);
}

BOOST_AUTO_TEST_CASE(a_run_is_opened_again_with_the_config_that_it_began_with) {
    const TemporaryFolder parent;
    RunFolder(parent.path(), false).write_config(config);
    BOOST_CHECK_NO_THROW(RunFolder(parent.path()));
    BOOST_CHECK(config_of_run(parent.path()) == config);
    expect_error<ConfigError>([&] { RunFolder(parent.path() / "absent"); }, {"absent", "no folder of that name"});
    fs::create_directory(parent.path() / "empty");
    expect_error<ConfigError>([&] { RunFolder(parent.path() / "empty"); }, {"empty", "one without config.json"});
}

BOOST_AUTO_TEST_CASE(two_at_once_do_not_have_a_folder) {
    const TemporaryFolder parent;
    {
        const RunFolder folder(parent.path(), false);
        folder.write_config(config);
        const std::string process = "process " + std::to_string(getpid());
        expect_error<ConfigError>([&] { RunFolder(parent.path()); }, {process, "Wait", "--out"});
        expect_error<ConfigError>([&] { RunFolder(parent.path(), true); }, {process});
        BOOST_CHECK(config_of_run(parent.path()) == config);
    }
    BOOST_CHECK_NO_THROW(RunFolder(parent.path()));
}

BOOST_AUTO_TEST_CASE(folder_with_a_run_asks_for_overwrite_and_stays_as_it_is) {
    for (const char* file : {"config.json", "metrics.jsonl", "metrics.csv", "model.safetensors", "result.json",
                             "report.html", "events.out.tfevents.1.tapegrad"}) {
        const TemporaryFolder parent;
        std::ofstream(parent.path() / file) << "old";
        expect_error<ConfigError>([&] { RunFolder(parent.path(), false); },
                                  {parent.path().string(), file, "--overwrite", "--out", "--resume"});
        BOOST_CHECK((files_in(parent.path()) == std::set<std::string>{file}));
        BOOST_CHECK_EQUAL(read_file(parent.path() / file), "old");
    }
}

BOOST_AUTO_TEST_CASE(what_a_start_left_behind_before_its_config_is_no_run) {
    const TemporaryFolder parent;
    std::ofstream(parent.path() / "run.json") << "old";
    fs::create_directory(parent.path() / "checkpoints");
    std::ofstream(parent.path() / "checkpoints" / "last.safetensors") << "old";
    std::ofstream(parent.path() / "checkpoints" / "next.safetensors.part") << "old";
    BOOST_CHECK_NO_THROW(RunFolder(parent.path(), false));
    BOOST_CHECK((files_in(parent.path()) == std::set<std::string>{".lock"}));
}

BOOST_AUTO_TEST_CASE(the_checkpoints_of_a_run_that_lost_its_config_are_kept) {
    const TemporaryFolder parent;
    std::ofstream(parent.path() / "run.json") << "old";
    fs::create_directory(parent.path() / "checkpoints");
    std::ofstream(parent.path() / "checkpoints" / "last.safetensors") << "old";
    std::ofstream(parent.path() / "checkpoints" / "best.safetensors") << "old";
    expect_error<ConfigError>([&] { RunFolder(parent.path(), false); }, {"one that holds checkpoints", "--overwrite"});
    BOOST_CHECK(fs::exists(parent.path() / "checkpoints" / "best.safetensors"));
}

BOOST_AUTO_TEST_CASE(overwrite_removes_only_the_files_of_a_run) {
    const TemporaryFolder parent;
    for (const char* file : {"config.json", "metrics.jsonl", "metrics.csv", "model.safetensors", "result.json",
                             "explain.json", "report.html", "run.json", "events.out.tfevents.1.tapegrad", "notes.txt"})
        std::ofstream(parent.path() / file) << "old";
    fs::create_directory(parent.path() / "checkpoints");
    std::ofstream(parent.path() / "checkpoints" / "last.safetensors") << "old";
    const RunFolder folder(parent.path(), true);
    folder.write_config(config);
    BOOST_CHECK((files_in(parent.path()) == std::set<std::string>{".lock", "config.json", "notes.txt"}));
    BOOST_CHECK_EQUAL(read_file(parent.path() / "notes.txt"), "old");
    BOOST_CHECK(json::parse(read_file(parent.path() / "config.json")) == config);
}

BOOST_AUTO_TEST_CASE(folder_that_cannot_be_written_to_is_an_error) {
    const TemporaryFolder parent;
    std::ofstream(parent.path() / "file") << "x";
    for (const fs::path& folder : {parent.path() / "file", parent.path() / "file" / "below"}) {
        expect_error<ConfigError>([&] { RunFolder(folder, false); }, {folder.string(), "can be written", "--out"});
        expect_error<ConfigError>([&] { RunFolder(folder, true); }, {folder.string(), "can be written", "--out"});
        expect_error<ConfigError>([&] { make_numbered_folder(folder / "run"); }, {"can be written", "--out"});
    }
    // A folder that takes no files, for root either: a folder stands where the temporary file would.
    fs::create_directories(parent.path() / "run" / "config.json.part");
    const RunFolder folder(parent.path() / "run", false);
    expect_error<ConfigError>([&] { folder.write_config(config); }, {"refuses config.json"});
}

BOOST_AUTO_TEST_CASE(numbered_folders_never_meet) {
    const TemporaryFolder parent;
    const fs::path first = parent.path() / "runs" / "cora";
    BOOST_CHECK_EQUAL(make_numbered_folder(first), first);
    BOOST_CHECK_EQUAL(make_numbered_folder(first), parent.path() / "runs" / "cora-2");
    std::ofstream(parent.path() / "runs" / "cora-3") << "a file";
    BOOST_CHECK_EQUAL(make_numbered_folder(first), parent.path() / "runs" / "cora-4");
    BOOST_CHECK(fs::is_directory(parent.path() / "runs" / "cora-4"));
}

BOOST_AUTO_TEST_SUITE_END()
