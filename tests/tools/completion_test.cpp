#include "tools/common/completion.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace tapegrad;

namespace {

using Words = std::vector<std::string>;

// A tool with options and arguments of all kinds.
struct Tool {
    Tool() {
        app.add_option("RUN|CONFIG", text);
        app.add_option("FILES", texts)->type_name("FILE");
        app.add_flag("--fast", flag);
        app.add_option("--threads", number)->type_name("N");
        app.add_option("--format", text)->type_name("tsv|jsonl");
        app.add_option("--only", texts)->check(CLI::IsMember({"pyg", "dgl"}))->allow_extra_args(false);
        app.add_option("--hidden", text)->group("");
        app.add_option("-o,--out", text)->type_name("FILE");
        CLI::App* const show = app.add_subcommand("show");
        show->add_option("--weights", text)->type_name("RUN|FILE");
    }
    CLI::App app;
    std::string text;
    Words texts;
    int number = 0;
    bool flag = false;
};

Words after(const Words& words) { return completions(Tool().app, words); }
bool has(const Words& words, const std::string& word) { return std::ranges::find(words, word) != words.end(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_completion)

BOOST_AUTO_TEST_CASE(subcommands_options_and_the_first_argument_come_first) {
    BOOST_TEST(after({}) == Words({"show", "--help", "--fast", "--threads", "--format", "--only", "--out", ":folders",
                                   ":files *.json"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_option_with_a_value_is_followed_by_its_values) {
    BOOST_TEST(after({"--format"}) == Words({"tsv", "jsonl"}), boost::test_tools::per_element());
    BOOST_TEST(after({"--only"}) == Words({"pyg", "dgl"}), boost::test_tools::per_element());
    BOOST_TEST(after({"--fast", "--out"}) == Words({":files *"}), boost::test_tools::per_element());
    BOOST_TEST(after({"-o"}) == Words({":files *"}), boost::test_tools::per_element());
    BOOST_TEST(after({"--threads"}).empty());
    // A value that looks like an option or a subcommand is none.
    BOOST_TEST(after({"--out", "--format"}) == after({}), boost::test_tools::per_element());
    BOOST_TEST(after({"--out", "show"}) == after({}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(arguments_are_counted_and_the_last_one_may_come_again) {
    BOOST_TEST(has(after({"--fast", "--threads", "3", "--no-such"}), ":folders"));
    for (const Words& words : {Words{"run"}, Words{"run", "a"}, Words{"run", "a", "--fast", "b"}}) {
        BOOST_TEST(has(after(words), ":files *") == true);
        BOOST_TEST(!has(after(words), ":folders"));
    }
}

BOOST_AUTO_TEST_CASE(a_subcommand_has_options_of_its_own) {
    BOOST_TEST(after({"show"}) == Words({"--help", "--weights"}), boost::test_tools::per_element());
    BOOST_TEST(after({"show", "--weights"}) == Words({":folders", ":files *"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
