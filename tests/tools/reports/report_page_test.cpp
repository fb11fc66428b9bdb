#include "tools/reports/report_page.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;
using nlohmann::json;

namespace {

// A folder with a page of a few letters.
struct PageFolder {
    explicit PageFolder(const std::string& html = "<a>{{css}}<b>{{script}}<c>{{data}}</c>") {
        write_file(folder.path() / "report.html", html);
        write_file(folder.path() / "report.css", "CSS");
        write_file(folder.path() / "two.js", "TWO;");
        write_file(folder.path() / "one.js", "ONE;");
        write_file(folder.path() / "notes.txt", "NOTES");
    }
    std::string assembled(const json& data) const { return assemble_page(folder.path(), data); }

    TemporaryFolder folder;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_report_page)

BOOST_AUTO_TEST_CASE(no_text_in_the_data_ends_the_script_element) {
    const json data{{"</script><script>alert(1)", "<!-- <script"}, {"line", "a\u2028b\u2029c\u2027"}};
    const std::string text = json_for_script(data);
    for (const char* part : {"<", "\u2028", "\u2029"}) BOOST_TEST(text.find(part) == std::string::npos);
    BOOST_TEST(text.find("\\u003c/script>\\u003cscript>alert(1)") != std::string::npos);
    BOOST_TEST(text.find("\u2027") != std::string::npos);
    BOOST_CHECK(json::parse(text) == data);
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_become_a_replacement) {
    BOOST_CHECK(json::parse(json_for_script({{"name", "a\xff"}})) == json({{"name", "a\ufffd"}}));
}

BOOST_AUTO_TEST_CASE(style_scripts_and_data_stand_in_their_places) {
    BOOST_TEST(PageFolder().assembled({{"x", 1}}) == "<a>CSS<b>ONE;TWO;<c>{\"x\":1}</c>");
    BOOST_TEST(PageFolder("{{data}}|{{css}}|{{script}}").assembled({{"x", 1}}) == "{\"x\":1}|CSS|ONE;TWO;");
}

BOOST_AUTO_TEST_CASE(what_is_put_in_is_not_looked_through_for_places) {
    const json data{{"name", "{{css}} {{script}} {{data}}"}};
    BOOST_TEST(PageFolder().assembled(data) == "<a>CSS<b>ONE;TWO;<c>" + data.dump() + "</c>");
}

BOOST_AUTO_TEST_CASE(a_damaged_page_is_a_data_error) {
    expect_error<DataError>([] { PageFolder("{{css}}{{data}}").assembled({}); },
                            {"report.html", "{{script}} once", "none"});
    expect_error<DataError>([] { PageFolder("{{css}}{{script}}{{data}}{{data}}").assembled({}); },
                            {"{{data}} once", "several"});
    const PageFolder without;
    std::filesystem::remove(without.folder.path() / "report.css");
    expect_error<DataError>([&] { without.assembled({}); }, {"report.css"});
    const TemporaryFolder empty;
    expect_error<DataError>([&] { assemble_page(empty.path(), {}); }, {"report.html"});
}

BOOST_AUTO_TEST_CASE(the_page_of_the_project_has_each_place_once) {
    const std::string page =
        assemble_page(std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "tools/reports/page", {{"title", "</script>"}});
    BOOST_TEST(page.find("{\"title\":\"\\u003c/script>\"}") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
