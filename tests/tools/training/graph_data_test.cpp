#include "tools/training/graph_data.hpp"

#include <cstdlib>
#include <string>

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/common/share_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// TAPEGRAD_DATA while it lives.
class DataVariable {
public:
    explicit DataVariable(const std::filesystem::path& value) { setenv("TAPEGRAD_DATA", value.c_str(), 1); }
    ~DataVariable() { unsetenv("TAPEGRAD_DATA"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_graph_data)

BOOST_AUTO_TEST_CASE(the_build_folder_has_the_files_of_the_source_tree) {
    BOOST_TEST(std::filesystem::equivalent(share_folder() / "datasets", TAPEGRAD_SOURCE_DIR "/datasets"));
    BOOST_TEST(std::filesystem::equivalent(share_folder() / "peers", TAPEGRAD_SOURCE_DIR "/tools/peers"));
}

BOOST_AUTO_TEST_CASE(the_environment_says_where_data_sets_lie) {
    const TemporaryFolder folder;
    const DataVariable variable(folder.path());
    BOOST_TEST(data_root() == folder.path());
}

BOOST_AUTO_TEST_CASE(without_any_data_set_the_error_tells_where_they_were_looked_for) {
    const TemporaryFolder folder;
    const DataVariable variable(folder.path() / "absent");
    BOOST_CHECK_NO_THROW(check_dataset_name("./a/path"));
    BOOST_CHECK_EXCEPTION(check_dataset_name("cora"), ConfigError, [&](const ConfigError& error) {
        const std::string message = error.what();
        return message.find((folder.path() / "absent").string()) != std::string::npos &&
               message.find("TAPEGRAD_DATA") != std::string::npos;
    });
}

BOOST_AUTO_TEST_SUITE_END()
