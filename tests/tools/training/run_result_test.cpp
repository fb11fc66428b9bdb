#include "tools/training/run_result.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

BOOST_AUTO_TEST_SUITE(tools_run_result)

BOOST_AUTO_TEST_CASE(a_result_is_there_once_the_run_has_ended) {
    const TemporaryFolder folder;
    BOOST_CHECK(!has_ended(folder.path()));
    write_file(folder.path() / "result.json", R"({"test_accuracy": 0.5, "backend": "simd"})");
    BOOST_CHECK(has_ended(folder.path()));
    BOOST_CHECK(read_result(folder.path(), {"test_accuracy"}) == (json{{"test_accuracy", 0.5}, {"backend", "simd"}}));
}

BOOST_AUTO_TEST_CASE(what_lacks_a_number_is_refused_with_its_file) {
    const TemporaryFolder folder;
    const auto expect_refused = [&](const char* content, std::initializer_list<std::string> parts) {
        write_file(folder.path() / "result.json", content);
        expect_error<DataError>([&] { read_result(folder.path(), {"test_accuracy", "seed"}); }, parts);
        expect_error<DataError>(
            [&] {
                read_result(folder.path(), {"test_accuracy", "seed"});
            },
            {(folder.path() / "result.json").string(), "Remove it and go on with --resume"});
    };
    expect_refused("{\"test_accuracy\": 0.", {"expected JSON"});
    expect_refused("[0.5]", {"an object of JSON", "a list of 1"});
    expect_refused("{}", {"the number test_accuracy", "one without test_accuracy"});
    expect_refused(R"({"test_accuracy": 0.5})", {"the number seed", "one without seed"});
    expect_refused(R"({"test_accuracy": "good", "seed": 1})", {"the number test_accuracy", "\"good\""});
    expect_refused(R"({"test_accuracy": 0.5, "seed": 1e300})", {"the number seed, a whole one", "1e+300"});
}

BOOST_AUTO_TEST_SUITE_END()
