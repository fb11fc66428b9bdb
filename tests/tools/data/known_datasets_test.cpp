#include "tools/data/known_datasets.hpp"

#include <cstdlib>
#include <optional>
#include <string>

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/common/share_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

namespace fs = std::filesystem;

// An environment variable while it lives.
class Variable {
public:
    Variable(const char* name, const std::optional<std::string>& value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        set(value);
    }
    ~Variable() { set(before_); }

private:
    void set(const std::optional<std::string>& value) { value ? setenv(name_, value->c_str(), 1) : unsetenv(name_); }
    const char* name_;
    std::optional<std::string> before_;
};

void add_dataset(const fs::path& folder) {
    fs::create_directories(folder);
    write_file(folder / "papers.tsv",
               "# tapegrad text graph 1\n# features 0\npaper\tlabel\tsplit\twords\np\t-\tnone\n");
    write_file(folder / "citations.tsv", "citing\tcited\n");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_known_datasets)

BOOST_AUTO_TEST_CASE(the_build_folder_has_the_files_of_the_source_tree) {
    BOOST_TEST(fs::equivalent(share_folder() / "datasets", TAPEGRAD_SOURCE_DIR "/datasets"));
    BOOST_TEST(fs::equivalent(share_folder() / "peers", TAPEGRAD_SOURCE_DIR "/tools/peers"));
}

BOOST_AUTO_TEST_CASE(data_folders_are_that_of_the_environment_that_of_the_program_and_that_of_the_user) {
    const Variable data("TAPEGRAD_DATA", "/a/b"), xdg("XDG_DATA_HOME", "/x"), home("HOME", "/home/me");
    const std::vector<fs::path> expected{"/a/b", share_folder() / "datasets", "/x/tapegrad/datasets"};
    BOOST_TEST((data_folders() == expected));
}

BOOST_AUTO_TEST_CASE(the_users_folder_follows_the_xdg_specification) {
    const Variable home("HOME", "/home/me");
    for (const std::optional<std::string>& no_path : {std::optional<std::string>(), {""}, {"relative/is/ignored"}}) {
        const Variable xdg("XDG_DATA_HOME", no_path);
        BOOST_TEST((user_data_folder() == fs::path("/home/me/.local/share/tapegrad/datasets")));
    }
    const Variable xdg("XDG_DATA_HOME", std::nullopt), no_home("HOME", std::nullopt);
    BOOST_TEST(!user_data_folder().has_value());
}

BOOST_AUTO_TEST_CASE(a_fetched_data_set_is_known_and_the_first_of_two_of_one_name_counts) {
    const TemporaryFolder first, user;
    const Variable data("TAPEGRAD_DATA", first.path()), xdg("XDG_DATA_HOME", user.path());
    add_dataset(user.path() / "tapegrad/datasets/mine");
    add_dataset(user.path() / "tapegrad/datasets/cora");
    add_dataset(user.path() / "tapegrad/datasets/.half.1.part");
    check_dataset_name("mine");
    std::vector<std::string> names;
    for (const KnownDataset& dataset : known_datasets()) names.push_back(dataset.name);
    BOOST_TEST((names == std::vector<std::string>{"cora", "mine"}));
    BOOST_TEST(known_datasets()[0].files.folder == share_folder() / "datasets/cora");
    add_dataset(first.path() / "cora");
    BOOST_TEST(known_datasets()[0].files.folder == first.path() / "cora");
}

BOOST_AUTO_TEST_CASE(an_unknown_name_gets_the_nearest_and_a_known_one_that_is_not_there_how_to_fetch_it) {
    const TemporaryFolder user;
    const Variable data("TAPEGRAD_DATA", std::nullopt), xdg("XDG_DATA_HOME", user.path());
    BOOST_CHECK_NO_THROW(check_dataset_name("./a/path"));
    BOOST_CHECK_NO_THROW(check_dataset_name("cora"));
    const std::string fetched = (fs::path(user.path()) / "tapegrad/datasets").string();
    expect_error<ConfigError>([] { check_dataset_name("coral"); },
                              {"one of cora (all that there is in ", fetched, "\"coral\"", "nearest is \"cora\""});
    expect_error<ConfigError>([] { check_dataset_name("pubmet"); }, {"nearest is \"pubmed\"", "tools/datasets list"});
    expect_error<ConfigError>([] { check_dataset_name("pubmed"); }, {"data set pubmed", "tools/datasets fetch pubmed"});
}

BOOST_AUTO_TEST_SUITE_END()
