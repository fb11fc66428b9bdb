#include "datasets/load.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

const std::filesystem::path tiny = std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny";

Dataset load(const std::filesystem::path& path) { return load_dataset(path.string(), "no data root needed"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_load)

BOOST_AUTO_TEST_CASE(known_name_is_looked_up_in_the_data_root) {
    const TemporaryFolder folder;
    expect_error<DataError>([&] { load_dataset("cora", folder.path()); }, {(folder.path() / "cora").string()});
    std::filesystem::create_directory(folder.path() / "cora");
    write_file(folder.path() / "cora/papers.tsv",
               "# tapegrad text graph 1\n# features 0\npaper\tlabel\tsplit\twords\np\t-\tnone\n");
    write_file(folder.path() / "cora/citations.tsv", "citing\tcited\n");
    BOOST_CHECK_EQUAL(load_dataset("cora", folder.path()).nodes, 1);
    BOOST_CHECK_EQUAL(load(folder.path() / "cora").nodes, 1);
}

BOOST_AUTO_TEST_CASE(folder_with_linqs_files_is_recognised) {
    const TemporaryFolder folder;
    write_file(folder.path() / "small.content", "a\t1\tX\nb\t0\tY\n");
    expect_error<DataError>([&] { load(folder.path()); }, {"small.cites", "nothing of that name"});
    write_file(folder.path() / "small.cites", "a\tb\n");
    BOOST_CHECK_EQUAL(load(folder.path()).name, "small");
    write_file(folder.path() / "large.content", "");
    expect_error<DataError>([&] { load(folder.path()); }, {"several: large, small"});
}

BOOST_AUTO_TEST_CASE(folder_with_planetoid_files_is_recognised) {
    BOOST_CHECK_EQUAL(load(tiny).name, "tiny");
    BOOST_CHECK_EQUAL(load(tiny).nodes, 12);
}

BOOST_AUTO_TEST_CASE(one_of_several_planetoid_data_sets_is_chosen_by_name) {
    const TemporaryFolder folder;
    for (const auto& file : std::filesystem::directory_iterator(tiny)) {
        std::string name = file.path().filename().string();
        std::filesystem::copy_file(file.path(), folder.path() / name);
        std::filesystem::copy_file(file.path(), folder.path() / name.replace(4, 4, "other"));
    }
    expect_error<DataError>([&] { load(folder.path()); }, {"several: other, tiny", "FOLDER/ind.NAME"});
    BOOST_CHECK_EQUAL(load(folder.path() / "ind.other").name, "other");
}

BOOST_AUTO_TEST_CASE(anything_else_lists_what_was_looked_for) {
    const TemporaryFolder folder;
    const std::initializer_list<std::string> looked_for{"cora", "papers.tsv", "*.content", "ind.*.graph"};
    expect_error<DataError>([] { load("corra"); }, {"data set 'corra'", "got neither"});
    expect_error<DataError>([] { load(""); }, looked_for);
    expect_error<DataError>([&] { load(folder.path()); }, looked_for);
    expect_error<DataError>([&] { load(folder.path()); }, {"a folder without these"});
    write_file(folder.path() / "file", "x");
    expect_error<DataError>([&] { load(folder.path() / "file"); }, looked_for);
    expect_error<DataError>([&] { load(folder.path() / "ind.absent"); }, looked_for);
}

BOOST_AUTO_TEST_SUITE_END()
