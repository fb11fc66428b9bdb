#include "autograd/edit_distance.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace tapegrad;

BOOST_AUTO_TEST_SUITE(autograd_edit_distance)

BOOST_AUTO_TEST_CASE(known_distances) {
    BOOST_TEST(edit_distance("kitten", "sitting") == 3u);
    BOOST_TEST(edit_distance("saturday", "sunday") == 3u);
    BOOST_TEST(edit_distance("flaw", "lawn") == 2u);
    BOOST_TEST(edit_distance("", "") == 0u);
    BOOST_TEST(edit_distance("", "abc") == 3u);
    BOOST_TEST(edit_distance("abc", "") == 3u);
    BOOST_TEST(edit_distance("abc", "abc") == 0u);
    BOOST_TEST(edit_distance("abc", "acb") == 2u);
    BOOST_TEST(edit_distance("abc", "xyz") == 3u);
}

BOOST_AUTO_TEST_CASE(distance_is_the_same_both_ways) {
    const std::vector<std::string> words = {"", "relu", "leaky_relu", "elu", "softmax", "log_softmax", "sum"};
    for (const std::string& a : words)
        for (const std::string& b : words) BOOST_TEST(edit_distance(a, b) == edit_distance(b, a));
}

BOOST_AUTO_TEST_CASE(nearest_name) {
    const std::vector<std::string> names = {"exp", "log", "expm1", "tanh"};
    BOOST_TEST(nearest("exq", names) == "exp");
    BOOST_TEST(nearest("expn1", names) == "expm1");
    BOOST_TEST(nearest("tanh", names) == "tanh");
    BOOST_TEST(nearest("zzz", names) == "exp", "of equally near names the first");
    BOOST_TEST(nearest("exp", std::vector<std::string>()) == "");
}

BOOST_AUTO_TEST_SUITE_END()
