#include "datasets/text.hpp"

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

const std::string preamble =
    "# tapegrad text graph 1\n# A comment.\n# features 4\n# class Blue cheese\n# class Red\n"
    "paper\tlabel\tsplit\twords\n";  // lines 1 to 6
const std::string papers = preamble +
                           "p1\tRed\ttrain\t0 3\n"
                           "p 2\tBlue cheese\tval\t1:0.5 2:-3e-2\n"
                           "p3\t-\tnone\t\n"
                           "p4\tRed\ttest\t3\n";
const std::string citations = "citing\tcited\np1\tp 2\np4\tp1\np4\tp1\np3\tp3\n";

Dataset expected() {
    Dataset dataset;
    dataset.name = "graph";
    dataset.nodes = 4;
    dataset.features = {4, 4, {0, 2, 4, 4, 5}, {0, 3, 1, 2, 3}, {1.0F, 1.0F, 0.5F, -0.03F, 1.0F}};
    dataset.labels = {1, 0, unlabelled, 1};
    dataset.class_names = {"Blue cheese", "Red"};
    dataset.node_names = {"p1", "p 2", "p3", "p4"};
    dataset.edges = {{1, 0}, {0, 3}, {0, 3}, {2, 2}};  // from the cited to the citing paper
    dataset.train = {0};
    dataset.validation = {1};
    dataset.test = {3};
    return dataset;
}

Dataset load(const std::string& papers_text, const std::string& citations_text) {
    const TemporaryFolder folder;
    const auto graph = folder.path() / "graph";
    std::filesystem::create_directory(graph);
    write_file(graph / "papers.tsv", papers_text);
    write_file(graph / "citations.tsv", citations_text);
    return load_text(graph);
}

template <class Error = DataError>
void expect_bad_papers(const std::string& text, std::initializer_list<std::string> parts) {
    expect_error<Error>([&] { load(text, citations); }, parts);
}

void expect_bad_citations(const std::string& text, std::initializer_list<std::string> parts) {
    expect_error<DataError>([&] { load(papers, text); }, parts);
}

/// The block of code below the line "`NAME`" of datasets/README.md.
std::string example_in_readme(const std::string& name) {
    const std::string readme = read_file(std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "datasets/README.md");
    const std::string start = "\n`" + name + "`\n```\n";
    const std::size_t begin = readme.find(start) + start.size();
    return readme.substr(begin, readme.find("```", begin) - begin);
}

std::string with_crlf(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_text)

BOOST_AUTO_TEST_CASE(every_part_of_the_form_is_read) { BOOST_CHECK(load(papers, citations) == expected()); }

BOOST_AUTO_TEST_CASE(crlf_line_ends_are_accepted) {
    BOOST_CHECK(load(with_crlf(papers), with_crlf(citations)) == expected());
}

BOOST_AUTO_TEST_CASE(missing_final_newline_is_accepted) {
    BOOST_CHECK(load(papers.substr(0, papers.size() - 1), citations.substr(0, citations.size() - 1)) == expected());
}

BOOST_AUTO_TEST_CASE(paper_without_words_may_lack_the_last_tab) {
    std::string text = papers;
    text.replace(text.find("none\t\n"), 6, "none\n");
    BOOST_CHECK(load(text, citations) == expected());
}

BOOST_AUTO_TEST_CASE(comments_above_the_citations_are_accepted) {
    BOOST_CHECK(load(papers, "# by hand\n# again\n" + citations) == expected());
}

BOOST_AUTO_TEST_CASE(name_is_that_of_the_folder_however_it_is_spelled) {
    const TemporaryFolder folder;
    write_text(expected(), folder.path() / "graph");
    std::filesystem::create_directory(folder.path() / "graph" / "below");
    BOOST_CHECK_EQUAL(load_text(folder.path() / "graph" / "").name, "graph");
    BOOST_CHECK_EQUAL(load_text(folder.path() / "graph" / "below" / "..").name, "graph");
}

BOOST_AUTO_TEST_CASE(example_in_the_readme_is_what_it_says) {
    const Dataset dataset = load(example_in_readme("papers.tsv"), example_in_readme("citations.tsv"));
    BOOST_CHECK_EQUAL(dataset.nodes, 4);
    BOOST_CHECK_EQUAL(dataset.features.columns, 5);
    BOOST_CHECK((dataset.features.values == std::vector<float>{1.0F, 1.0F, 0.5F, 0.25F, 1.0F}));
    BOOST_CHECK((dataset.labels == std::vector<std::int32_t>{0, 1, unlabelled, 0}));
    BOOST_CHECK((dataset.edges == std::vector<Edge>{{0, 1}, {1, 3}, {2, 3}}));
}

BOOST_AUTO_TEST_CASE(missing_files_are_named) {
    const TemporaryFolder folder;
    expect_error<DataError>([&] { load_text(folder.path()); }, {"papers.tsv", "nothing of that name"});
    write_file(folder.path() / "papers.tsv", papers);
    expect_error<DataError>([&] { load_text(folder.path()); }, {"citations.tsv", "nothing of that name"});
}

BOOST_AUTO_TEST_CASE(empty_files_and_other_files_are_refused) {
    expect_bad_papers("", {"papers.tsv:0", "'# tapegrad text graph 1'"});
    expect_bad_papers("hello\n", {"papers.tsv:1", "'hello'"});
    expect_bad_citations("", {"citations.tsv:0", "header"});
    expect_bad_citations("p1\tp 2\n", {"citations.tsv:1", "header", "'p1 p 2'"});
}

BOOST_AUTO_TEST_CASE(header_without_papers_is_refused_and_without_citations_accepted) {
    expect_bad_papers(preamble, {"papers.tsv:6", "a paper below the header"});
    BOOST_CHECK(load(papers, "citing\tcited\n").edges.empty());
}

BOOST_AUTO_TEST_CASE(preamble_must_be_complete_and_right) {
    const std::string first = "# tapegrad text graph 1\n", table = "paper\tlabel\tsplit\twords\np\t-\tnone\t\n";
    expect_bad_papers(first + table, {"papers.tsv:2", "'# features N'"});
    expect_bad_papers(first + "# features many\n" + table, {"papers.tsv:2", "'many'"});
    expect_bad_papers(first + "# features -1\n" + table, {"papers.tsv:2", "'-1'"});
    expect_bad_papers(first + "# features 4\n# class A\n# class A\n" + table, {"papers.tsv:4", "new class name"});
    expect_bad_papers(first + "# features 4\n# class -\n" + table, {"papers.tsv:3", "new class name"});
    expect_bad_papers(first + "# features 4\npaper\tlabel\twords\n", {"papers.tsv:3", "header"});
}

BOOST_AUTO_TEST_CASE(duplicated_paper_id_names_the_line) {
    expect_bad_papers(papers + "p1\tRed\tnone\t\n", {"papers.tsv:11", "'p1'"});
    expect_bad_papers(papers + "\tRed\tnone\t\n", {"papers.tsv:11", "a paper id"});
}

BOOST_AUTO_TEST_CASE(unknown_label_names_the_line) {
    expect_bad_papers(papers + "p5\tGreen\tnone\t\n", {"papers.tsv:11", "'# class NAME'", "'Green'"});
}

BOOST_AUTO_TEST_CASE(bad_split_word_names_the_line_and_the_choices) {
    expect_bad_papers(papers + "p5\tRed\tTrain\t\n", {"papers.tsv:11", "train, val, test or none", "'Train'"});
    expect_bad_papers(papers + "p5\t-\ttrain\t\n", {"papers.tsv:11", "a label"});
}

BOOST_AUTO_TEST_CASE(word_out_of_range_is_an_index_error_with_the_line) {
    expect_bad_papers<IndexError>(papers + "p5\tRed\tnone\t1 4\n", {"papers.tsv:11", "0 to 3", "got 4"});
    expect_bad_papers<IndexError>(papers + "p5\tRed\tnone\t-1\n", {"papers.tsv:11", "0 to 3", "got -1"});
    expect_bad_papers(papers + "p5\tRed\tnone\t99999999999\n", {"papers.tsv:11", "'99999999999'"});
}

BOOST_AUTO_TEST_CASE(words_twice_out_of_order_or_malformed_name_the_line) {
    expect_bad_papers(papers + "p5\tRed\tnone\t2 2\n", {"papers.tsv:11", "above 2", "'2'"});
    expect_bad_papers(papers + "p5\tRed\tnone\t2 1\n", {"papers.tsv:11", "above 2", "'1'"});
    expect_bad_papers(papers + "p5\tRed\tnone\tone\n", {"papers.tsv:11", "'one'"});
    expect_bad_papers(papers + "p5\tRed\tnone\t1:\n", {"papers.tsv:11", "a word's value"});
    expect_bad_papers(papers + "p5\tRed\tnone\t1:2:3\n", {"papers.tsv:11", "'2:3'"});
}

BOOST_AUTO_TEST_CASE(value_that_is_not_finite_names_line_and_word) {
    expect_bad_papers(papers + "p5\tRed\tnone\t1:nan\n", {"papers.tsv:11", "finite", "'1:nan'"});
    expect_bad_papers(papers + "p5\tRed\tnone\t0 1:-inf\n", {"papers.tsv:11", "finite", "'1:-inf'"});
}

BOOST_AUTO_TEST_CASE(wrong_number_of_fields_names_the_line) {
    expect_bad_papers(papers + "p5\tRed\n", {"papers.tsv:11", "four fields"});
    expect_bad_papers(papers + "p5 Red none 1\n", {"papers.tsv:11", "four fields"});
    expect_bad_papers(papers + "p5\tRed\tnone\t1\t2\n", {"papers.tsv:11", "four fields"});
    expect_bad_citations(citations + "p1\n", {"citations.tsv:6", "two fields"});
    expect_bad_citations(citations + "p1\tp3\tp4\n", {"citations.tsv:6", "two fields"});
}

BOOST_AUTO_TEST_CASE(citation_of_or_by_an_unknown_paper_names_the_line) {
    expect_bad_citations(citations + "p1\tp9\n", {"citations.tsv:6", "'p9'"});
    expect_bad_citations(citations + "p9\tp1\n", {"citations.tsv:6", "'p9'"});
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back_exactly) {
    Dataset dataset = expected();
    dataset.features.values = {1.0F, 0.1F, 1e-38F, 16777216.0F, 0.0F};
    const TemporaryFolder folder;
    write_text(dataset, folder.path() / "new" / "graph");
    BOOST_CHECK(load_text(folder.path() / "new" / "graph") == dataset);
}

BOOST_AUTO_TEST_CASE(altered_files_are_detected) {
    const TemporaryFolder folder;
    write_text(expected(), folder.path());
    for (const char* const name : {"papers.tsv", "citations.tsv"}) {
        const std::string content = read_file(folder.path() / name);
        write_file(folder.path() / name, content + "\n");
        expect_error<DataError>([&] { load_text(folder.path()); }, {name, "SHA-256", "sha256sum"});
        write_file(folder.path() / name, content.substr(0, content.size() / 2));
        expect_error<DataError>([&] { load_text(folder.path()); }, {name, "SHA-256"});
        write_file(folder.path() / name, content);
    }
    BOOST_CHECK_NO_THROW(load_text(folder.path()));
    write_file(folder.path() / "citations.tsv", "citing\tcited\n");
    std::filesystem::remove(folder.path() / "SHA256SUMS");
    BOOST_CHECK(load_text(folder.path()).edges.empty());
}

BOOST_AUTO_TEST_CASE(data_set_that_the_form_cannot_hold_is_refused_and_nothing_written) {
    const TemporaryFolder folder;
    const auto refused = [&](auto change, std::initializer_list<std::string> parts) {
        Dataset dataset = expected();
        change(dataset);
        expect_error<Error>([&] { write_text(dataset, folder.path() / "graph"); }, parts);
        BOOST_CHECK(!std::filesystem::exists(folder.path() / "graph"));
    };
    refused([](Dataset& d) { d.node_names[0] = "a\tb"; }, {"node names", "'a b'"});
    refused([](Dataset& d) { d.node_names[0] = ""; }, {"node names", "''"});
    refused([](Dataset& d) { d.class_names[1] = "-"; }, {"class names", "'-'"});
    refused([](Dataset& d) { d.class_names[1] = "a\n"; }, {"class names"});
    refused([](Dataset& d) { d.labels[0] = 7; }, {"write_text, graph, node 0", "got 7"});
}

BOOST_AUTO_TEST_CASE(folder_that_cannot_be_made_is_a_data_error) {
    const TemporaryFolder folder;
    write_file(folder.path() / "file", "x");
    expect_error<DataError>([&] { write_text(expected(), folder.path() / "file" / "graph"); }, {"papers.tsv"});
    BOOST_CHECK_EQUAL(read_file(folder.path() / "file"), "x");
}

BOOST_AUTO_TEST_SUITE_END()
