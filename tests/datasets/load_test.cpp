#include "datasets/load.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

const std::filesystem::path tiny = std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny";

Dataset load(const std::filesystem::path& path) { return load_dataset(path.string(), {}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_load)

BOOST_AUTO_TEST_CASE(name_is_looked_up_in_the_data_folders_in_their_order) {
    const TemporaryFolder first, second;
    expect_error<DataError>([&] { load_dataset("some", {first.path(), second.path()}); }, {"data set 'some'"});
    const auto add = [](const std::filesystem::path& folder, const std::string& papers) {
        std::filesystem::create_directory(folder);
        write_file(folder / "papers.tsv",
                   "# tapegrad text graph 1\n# features 0\npaper\tlabel\tsplit\twords\n" + papers);
        write_file(folder / "citations.tsv", "citing\tcited\n");
    };
    add(second.path() / "some", "p\t-\tnone\n");
    BOOST_CHECK_EQUAL(load_dataset("some", {first.path(), second.path()}).nodes, 1);
    BOOST_CHECK_EQUAL(load(second.path() / "some").nodes, 1);
    add(first.path() / "some", "p\t-\tnone\nq\t-\tnone\n");
    BOOST_CHECK_EQUAL(load_dataset("some", {first.path(), second.path()}).nodes, 2);
}

BOOST_AUTO_TEST_CASE(files_of_a_data_set_are_found_without_reading_them) {
    const DatasetFiles files = find_dataset(tiny).value();
    BOOST_CHECK(files.form == DatasetForm::planetoid);
    BOOST_CHECK_EQUAL(files.name, "tiny");
    BOOST_CHECK_EQUAL(files.files.size(), 8);
    for (const std::string& file : files.files) BOOST_CHECK(std::filesystem::exists(files.folder / file));
    BOOST_CHECK(!find_dataset(tiny.parent_path()));
}

BOOST_AUTO_TEST_CASE(checksums_guard_planetoid_files_too) {
    const TemporaryFolder folder;
    std::filesystem::copy(tiny, folder.path());
    std::vector<NamedContent> contents;
    std::vector<std::string> texts;
    const DatasetFiles found = find_dataset(folder.path()).value();
    for (const std::string& file : found.files) texts.push_back(read_file(folder.path() / file));
    for (std::size_t i = 0; i < texts.size(); ++i) contents.push_back({found.files[i], texts[i]});
    write_file(folder.path() / "SHA256SUMS", checksum_lines(contents));
    BOOST_CHECK_EQUAL(load(folder.path()).nodes, 12);
    write_file(folder.path() / "ind.tiny.test.index", texts.back() + "\n");  // which the loader would not mind
    expect_error<DataError>([&] { load(folder.path()); }, {"ind.tiny.test.index", "SHA-256"});
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
    const std::initializer_list<std::string> looked_for{"name", "papers.tsv", "*.content", "ind.*.graph"};
    expect_error<DataError>([] { load("corra"); }, {"data set 'corra'", "got neither"});
    expect_error<DataError>([] { load(""); }, looked_for);
    expect_error<DataError>([&] { load(folder.path()); }, looked_for);
    expect_error<DataError>([&] { load(folder.path()); }, {"a folder without these"});
    write_file(folder.path() / "file", "x");
    expect_error<DataError>([&] { load(folder.path() / "file"); }, looked_for);
    expect_error<DataError>([&] { load(folder.path() / "ind.absent"); }, looked_for);
}

BOOST_AUTO_TEST_SUITE_END()
