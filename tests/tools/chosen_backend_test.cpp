#include "tools/common/chosen_backend.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;

BOOST_AUTO_TEST_SUITE(tools_chosen_backend)

BOOST_AUTO_TEST_CASE(a_backend_is_opened_by_its_name_or_by_the_path_of_its_file) {
    BOOST_TEST(open_chosen_backend("reference", 1)->name() == "reference");
    BOOST_TEST(open_chosen_backend("reference", 2)->threads() == 2);
    const char* const file = TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so";
    BOOST_TEST(open_chosen_backend(file, 1)->name() == "reference");
}

BOOST_AUTO_TEST_CASE(a_name_that_no_plugin_has_is_wrong_usage_and_a_file_that_is_missing_is_not) {
    expect_error<ConfigError>([] { open_chosen_backend("referenze", 1); },
                              {"backend: expected one of auto, ", "\"referenze\"", "nearest is \"reference\""});
    expect_error<BackendError>([] { open_chosen_backend("./absent.so", 1); }, {"absent.so"});
}

BOOST_AUTO_TEST_SUITE_END()
