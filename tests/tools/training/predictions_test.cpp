#include "tools/training/predictions.hpp"

#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Nodes = std::vector<std::int32_t>;

// Four nodes, the last two without a label; "d" is in no split.
Dataset letters() {
    Dataset dataset{.name = "letters", .nodes = 4};
    dataset.labels = {1, 0, unlabelled, unlabelled};
    dataset.class_names = {"vowel", "consonant"};
    dataset.node_names = {"b", "a", "x,y", "test\"1"};
    dataset.train = {0};
    dataset.test = {1};
    return dataset;
}

Predictions predictions_by_hand() {
    return {{"vowel", "consonant"},
            {1, 1, 0, 0},
            {-1, 1, -2, 2, 3, -3, 0, 0},
            {0.1f, 0.9f, 1e-10f, 1, 0.75f, 0.25f, 0.5f, 0.5f}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_predictions)

BOOST_AUTO_TEST_CASE(softmax_is_right_for_logits_of_any_size) {
    // exp(ln 3) : exp(0) = 3 : 1, far beyond what exp can hold too.
    for (const float shift : {0.f, 64.f, 1024.f, -1024.f}) {
        const std::vector<double> p = softmax(std::vector<float>{shift + 1.0986123f, shift});
        BOOST_TEST(p[0] == 0.75, boost::test_tools::tolerance(1e-4));
        BOOST_TEST(p[0] + p[1] == 1, boost::test_tools::tolerance(1e-15));
    }
    const float largest = std::numeric_limits<float>::max();
    BOOST_TEST(softmax(std::vector<float>{largest, -largest, largest}) == (std::vector<double>{0.5, 0, 0.5}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(labels_are_matched_by_the_names_of_the_classes) {
    BOOST_TEST(labels_of_model(letters(), {"consonant", "digit", "vowel"}) == (Nodes{0, 2, unlabelled, unlabelled}),
               boost::test_tools::per_element());
    expect_error<ConfigError>(
        [] {
            labels_of_model(letters(), {"consonants", "vowel"});
        },
        {"classes of data set letters", "consonants, vowel", "'consonant'", "nearest is 'consonants'"});
    Dataset without = letters();
    without.class_names.clear();
    without.labels.assign(4, unlabelled);
    BOOST_TEST(labels_of_model(without, {"digit"}) == Nodes(4, unlabelled), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(accuracy_counts_only_nodes_with_a_label) {
    const Dataset dataset = letters();
    BOOST_TEST(accuracy_in_words(dataset, predictions_by_hand(), dataset.labels) ==
               "accuracy 1.0000 of 1 training nodes, 0.0000 of 1 test nodes, 0.5000 of 2 nodes with a label");
    BOOST_TEST(accuracy_in_words(dataset, predictions_by_hand(), Nodes(4, unlabelled)) == "");
}

BOOST_AUTO_TEST_CASE(a_table_has_a_header_and_a_line_a_node) {
    const std::string header = "node\tpredicted\tprobability\tvowel\tconsonant\n";
    BOOST_TEST(to_tsv(letters(), predictions_by_hand(), Nodes{2, 0}, PredictedNumbers::probabilities) ==
               header + "x,y\tvowel\t0.75\t0.75\t0.25\nb\tconsonant\t0.9\t0.1\t0.9\n");
    BOOST_TEST(to_tsv(letters(), predictions_by_hand(), Nodes{1}, PredictedNumbers::logits) ==
               header + "a\tconsonant\t1\t-2\t2\n");
    Predictions with_tab = predictions_by_hand();
    with_tab.class_names[0] = "a\tb";
    expect_error<ConfigError>([&] { to_tsv(letters(), with_tab, Nodes{0}, PredictedNumbers::logits); },
                              {"a tab", "--format jsonl"});
}

BOOST_AUTO_TEST_CASE(json_lines_are_json_whatever_the_names) {
    Predictions predictions = predictions_by_hand();
    predictions.class_names[0] = "with \"quotes\"\t";
    std::istringstream lines(to_json_lines(letters(), predictions, Nodes{3, 1}, PredictedNumbers::probabilities));
    std::string line;
    std::getline(lines, line);
    BOOST_CHECK(nlohmann::json::parse(line) ==
                nlohmann::json({{"node", "test\"1"},
                                {"predicted", "with \"quotes\"\t"},
                                {"probability", 0.5},
                                {"probabilities", {{"with \"quotes\"\t", 0.5}, {"consonant", 0.5}}}}));
    std::getline(lines, line);
    BOOST_TEST(nlohmann::json::parse(line)["probabilities"]["consonant"] == 1);
    BOOST_TEST(!std::getline(lines, line));
    BOOST_TEST(to_json_lines(letters(), predictions_by_hand(), Nodes{0}, PredictedNumbers::logits) ==
               "{\"node\": \"b\", \"predicted\": \"consonant\", \"probability\": 0.9, \"logits\": {\"vowel\": -1, "
               "\"consonant\": 1}}\n");
}

BOOST_AUTO_TEST_CASE(numbers_give_back_the_same_f32) {
    Predictions predictions = predictions_by_hand();
    const std::vector<float> numbers{1.f / 3, 0.1f,        std::nextafter(0.1f, 1.f), 1e-45f,
                                     3.4e38f, 1.f - 6e-8f, 1.17549435e-38f,           0.f};
    predictions.probabilities = numbers;
    std::istringstream table(to_tsv(letters(), predictions, Nodes{0, 1, 2, 3}, PredictedNumbers::probabilities));
    std::string line, field;
    std::getline(table, line);
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
        std::getline(table, line);
        std::istringstream fields(line);
        for (int skipped = 0; skipped < 3; ++skipped) std::getline(fields, field, '\t');
        for (const float number : {numbers[i], numbers[i + 1]}) {
            std::getline(fields, field, '\t');
            BOOST_TEST(std::strtof(field.c_str(), nullptr) == number);
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
