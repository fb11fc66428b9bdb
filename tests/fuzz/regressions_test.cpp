// Every input of tests/fuzz/corpus and tests/fuzz/crashes through its target, without a fuzzer: what was found once
// stays mended.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/files.hpp"

extern "C" {
using FuzzTarget = int(const std::uint8_t*, std::size_t);
FuzzTarget fuzz_checkpoint, fuzz_config, fuzz_linqs, fuzz_pickle, fuzz_plugin_calls, fuzz_run_files, fuzz_safetensors,
    fuzz_set_option, fuzz_text_graph;
}

namespace {

namespace fs = std::filesystem;

struct Target {
    std::string name;
    FuzzTarget* run;
};

const std::vector<Target> targets{{"checkpoint", fuzz_checkpoint},
                                  {"config", fuzz_config},
                                  {"linqs", fuzz_linqs},
                                  {"pickle", fuzz_pickle},
                                  {"plugin_calls", fuzz_plugin_calls},
                                  {"run_files", fuzz_run_files},
                                  {"safetensors", fuzz_safetensors},
                                  {"set_option", fuzz_set_option},
                                  {"text_graph", fuzz_text_graph}};

const fs::path fuzz_folder = fs::path(TAPEGRAD_SOURCE_DIR) / "tests/fuzz";

std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

void run_inputs(const Target& target, const fs::path& folder) {
    for (const fs::path& file : files_in(folder)) {
        // A crash ends the process: Boost.Test then shows the last checkpoint.
        BOOST_TEST_CHECKPOINT(file.string());
        const std::string input = tapegrad::read_file(file);
        BOOST_CHECK_NO_THROW(target.run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size()));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fuzz_regressions)

BOOST_AUTO_TEST_CASE(inputs_to_begin_with_are_taken_or_refused) {
    for (const Target& target : targets) {
        BOOST_TEST_CONTEXT("fuzz target " << target.name) {
            const fs::path folder = fuzz_folder / "corpus" / target.name;
            BOOST_CHECK_MESSAGE(!files_in(folder).empty(), "no input in " << folder);
            run_inputs(target, folder);
        }
    }
}

BOOST_AUTO_TEST_CASE(inputs_that_crashed_once_are_taken_or_refused) {
    for (const Target& target : targets) {
        BOOST_TEST_CONTEXT("fuzz target " << target.name) { run_inputs(target, fuzz_folder / "crashes" / target.name); }
    }
}

BOOST_AUTO_TEST_CASE(every_target_is_listed_here) {
    std::vector<std::string> listed, found;
    for (const Target& target : targets) listed.push_back(target.name);
    for (const fs::path& file : files_in(fuzz_folder / "targets")) found.push_back(file.stem().string());
    BOOST_CHECK_EQUAL_COLLECTIONS(listed.begin(), listed.end(), found.begin(), found.end());
}

BOOST_AUTO_TEST_SUITE_END()
