#include "tools/common/shell_word.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

using tapegrad::shell_word;

BOOST_AUTO_TEST_SUITE(tools_shell_word)

BOOST_AUTO_TEST_CASE(names_are_quoted_where_a_shell_would_split_or_change_them) {
    for (const std::string plain : {"runs/cora_gat-2", "sweep/learning_rate=0.01,seed=3", "gr\u00fcn"})
        BOOST_TEST(shell_word(plain) == plain);
    BOOST_TEST(shell_word("my runs/one") == "'my runs/one'");
    BOOST_TEST(shell_word("a$b*") == "'a$b*'");
    BOOST_TEST(shell_word("it's") == "'it'\\''s'");
    BOOST_TEST(shell_word("") == "''");
}

BOOST_AUTO_TEST_SUITE_END()
