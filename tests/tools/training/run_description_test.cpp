#include "tools/training/run_description.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/tools/training/small_run.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(tools_run_description)

BOOST_AUTO_TEST_CASE(what_is_written_is_read) {
    const TemporaryFolder folder;
    RunDescription description = describe_run(two_classes());
    description.backend = "reference";
    description.initial_weights = "0123";
    write_run_description(folder.path(), description);
    BOOST_CHECK(read_run_description(folder.path()) == description);
    BOOST_CHECK_EQUAL(description.feature_count, 3);
    BOOST_CHECK((description.class_names == std::vector<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(any_other_number_in_the_data_makes_another_digest) {
    const RunDescription description = describe_run(two_classes());
    Dataset edge = two_classes(), feature = two_classes(), label = two_classes(), split = two_classes();
    edge.edges[0].source = 2;
    feature.features.values[3] = 2;
    label.labels[5] = 0;
    split.test = {2};
    for (const Dataset& other : {edge, feature, label, split}) BOOST_CHECK(describe_run(other) != description);
}

BOOST_AUTO_TEST_CASE(folders_that_tell_neither_backend_nor_weights_are_read) {
    const TemporaryFolder folder;
    write_file(folder.path() / "run.json", R"({"format": 1, "version": "0.1.0", "dataset": {"name": "cora", "nodes": 3,
        "features": 2, "classes": ["a"], "digest": "0123"}})");
    const RunDescription description = read_run_description(folder.path());
    BOOST_CHECK_EQUAL(description.digest, "0123");
    BOOST_CHECK_EQUAL(description.backend, "");
    BOOST_CHECK_EQUAL(description.initial_weights, "");
}

BOOST_AUTO_TEST_CASE(another_version_is_refused) {
    RunDescription description = describe_run(two_classes());
    BOOST_CHECK_NO_THROW(check_version("run", description));
    description.version = "0.0.1";
    expect_error<ConfigError>([&] { check_version("run", description); }, {"run folder run", "one of tapegrad 0.0.1"});
}

BOOST_AUTO_TEST_CASE(folders_of_no_run_and_of_another_format_are_refused) {
    const TemporaryFolder folder;
    expect_error<ConfigError>([&] { read_run_description(folder.path()); }, {"one without run.json"});
    expect_error<ConfigError>([&] { read_run_description(folder.path() / "absent"); }, {"no folder of that name"});
    write_file(folder.path() / "run.json", R"({"format": 2, "version": "9.9.9"})");
    expect_error<ConfigError>([&] { read_run_description(folder.path()); },
                              {"format 1", "format 2, of tapegrad 9.9.9", "with that version"});
    for (const char* damaged : {"", "{", "[]", R"({"format": "one"})", R"({"format": 1})", R"({"format": 1e300})",
                                R"({"format": 1, "dataset": {"name": "a", "nodes": 1.5}, "version": "1"})"}) {
        write_file(folder.path() / "run.json", damaged);
        expect_error<DataError>([&] { read_run_description(folder.path()); }, {"run.json", "restore"});
    }
}

BOOST_AUTO_TEST_SUITE_END()
