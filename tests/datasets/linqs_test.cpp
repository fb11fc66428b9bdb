#include "datasets/linqs.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

const std::string content =
    "bradshaw97\t1\t0\t0.25\tML\n"
    "31336\t0\t0\t0\tAgents\n"
    "x/y\t0\t-2\t0\tML\n";
const std::string cites = "31336\tbradshaw97\nx/y\t31336\nx/y\t31336\n";

Dataset load(const std::string& content_text, const std::string& cites_text,
             UnknownPaper unknown = UnknownPaper::reject) {
    const TemporaryFolder folder;
    write_file(folder.path() / "small.content", content_text);
    write_file(folder.path() / "small.cites", cites_text);
    return load_linqs(folder.path() / "small.content", folder.path() / "small.cites", unknown);
}

Dataset expected() {
    Dataset dataset;
    dataset.name = "small";
    dataset.nodes = 3;
    dataset.features = {3, 3, {0, 2, 2, 3}, {0, 2, 1}, {1.0F, 0.25F, -2.0F}};
    dataset.labels = {1, 0, 1};
    dataset.class_names = {"Agents", "ML"};
    dataset.node_names = {"bradshaw97", "31336", "x/y"};
    dataset.edges = {{1, 0}, {2, 1}, {2, 1}};
    return dataset;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_linqs)

BOOST_AUTO_TEST_CASE(papers_words_classes_and_citations_are_read) { BOOST_CHECK(load(content, cites) == expected()); }

BOOST_AUTO_TEST_CASE(spaces_crlf_and_a_missing_final_newline_are_accepted) {
    BOOST_CHECK(load("bradshaw97 1 0  0.25 ML\r\n31336 0 0 0 Agents\r\nx/y\t0\t-2\t0\tML",
                     "31336 bradshaw97\r\nx/y 31336\r\nx/y 31336") == expected());
}

BOOST_AUTO_TEST_CASE(there_may_be_no_citations) { BOOST_CHECK(load(content, "").edges.empty()); }

BOOST_AUTO_TEST_CASE(missing_files_are_named) {
    const TemporaryFolder folder;
    const auto load_both = [&] { load_linqs(folder.path() / "a.content", folder.path() / "a.cites"); };
    expect_error<DataError>(load_both, {"a.content", "nothing of that name"});
    write_file(folder.path() / "a.content", content);
    expect_error<DataError>(load_both, {"a.cites", "nothing of that name"});
}

BOOST_AUTO_TEST_CASE(empty_content_is_refused) {
    expect_error<DataError>([] { load("", ""); }, {"small.content", "at least one node"});
}

BOOST_AUTO_TEST_CASE(wrong_number_of_fields_names_the_line) {
    expect_error<DataError>([] { load("a\n", ""); }, {"small.content:1", "2 fields", "got 1"});
    expect_error<DataError>([] { load(content + "b\t1\t0\tML\n", cites); }, {"small.content:4", "5 fields", "got 4"});
    expect_error<DataError>([] { load(content, cites + "x/y\n"); }, {"small.cites:4", "two fields", "got 1"});
}

BOOST_AUTO_TEST_CASE(duplicated_paper_names_the_line) {
    expect_error<DataError>([] { load(content + "31336\t1\t1\t1\tML\n", cites); }, {"small.content:4", "'31336'"});
}

BOOST_AUTO_TEST_CASE(value_that_is_no_finite_number_names_line_and_word) {
    expect_error<DataError>([] { load("a\t1\tx\tML\n", ""); }, {"small.content:1", "'x'"});
    expect_error<DataError>([] { load("a\t1\tnan\tML\n", ""); }, {"small.content:1", "word 1", "'nan'"});
    expect_error<DataError>([] { load("a\tinf\t1\tML\n", ""); }, {"small.content:1", "word 0", "'inf'"});
}

BOOST_AUTO_TEST_CASE(citation_of_an_unknown_paper_is_refused_or_skipped) {
    const std::string with_unknown = "x/y\tnobody\n" + cites + "nobody\tx/y\n";
    expect_error<DataError>([&] { load(content, with_unknown); }, {"small.cites:1", "'nobody'"});
    BOOST_CHECK(load(content, with_unknown, UnknownPaper::skip) == expected());
}

BOOST_AUTO_TEST_SUITE_END()
