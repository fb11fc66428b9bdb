#include "tools/reports/attention_entropy.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>

using namespace tapegrad;

namespace {

const auto rounding = boost::test_tools::tolerance(1e-7);  // the coefficients are f32
const double ln2 = std::log(2.0), ln3 = std::log(3.0);

// Node 0 hears two, node 1 one, node 2 nobody, node 3 three. Head 0 is torn, head 1 hears one neighbour alone.
const EdgesByTarget edges{{0, 2, 3, 3, 6}, {0, 1, 1, 0, 2, 3}};
const EdgeWeights attention{"0", 2, {0.5f, 1, 0.5f, 0, 1, 1, 0.5f, 0, 0.25f, 0, 0.25f, 1}};

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_attention_entropy)

BOOST_AUTO_TEST_CASE(entropy_is_that_worked_by_hand) {
    BOOST_TEST(attention_entropy(edges, attention, 0, 0) == ln2, rounding);
    BOOST_TEST(attention_entropy(edges, attention, 3, 0) == 1.5 * ln2, rounding);  // ln(2)/2 + 2 ln(4)/4
    for (const std::size_t node : {0U, 1U, 2U, 3U}) BOOST_TEST(attention_entropy(edges, attention, node, 1) == 0);
    BOOST_TEST(attention_entropy(edges, attention, 1, 0) == 0);
    BOOST_TEST(attention_entropy(edges, attention, 2, 0) == 0);
}

BOOST_AUTO_TEST_CASE(entropy_of_equal_coefficients_is_the_logarithm_of_the_in_degree) {
    BOOST_TEST(uniform_entropy(edges, 0) == ln2, rounding);
    BOOST_TEST(uniform_entropy(edges, 1) == 0);
    BOOST_TEST(uniform_entropy(edges, 2) == 0);
    BOOST_TEST(uniform_entropy(edges, 3) == ln3, rounding);
}

BOOST_AUTO_TEST_CASE(histograms_count_each_node_that_hears_somebody_once) {
    const EntropyHistograms histograms = entropy_histograms(edges, attention);
    BOOST_TEST(histograms.bins.front() == 0);
    BOOST_TEST(histograms.bins.back() == ln3, rounding);
    BOOST_TEST(histograms.mean_uniform == (ln2 + ln3) / 3, rounding);
    BOOST_TEST(histograms.means[0] == 2.5 * ln2 / 3, rounding);
    BOOST_TEST(histograms.means[1] == 0);

    // ln(2) / ln(3) = 0.631, and 1.5 ln(2) / ln(3) = 0.946 of the way; there are 24 bins.
    std::vector<std::int64_t> uniform(24), torn(24), alone(24);
    ++uniform[0], ++uniform[15], ++uniform[23];
    ++torn[0], ++torn[15], ++torn[22];
    alone[0] = 3;
    BOOST_TEST(histograms.uniform == uniform, boost::test_tools::per_element());
    BOOST_TEST(histograms.heads.at(0) == torn, boost::test_tools::per_element());
    BOOST_TEST(histograms.heads.at(1) == alone, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(rounding_moves_no_node_to_a_lower_bin) {
    // ln(3) is just the middle of the 24 bins to ln(9).
    EdgesByTarget three_and_nine{{0, 3, 12}, std::vector<std::int32_t>(12)};
    EdgeWeights nearly_equal{"0", 1, std::vector<float>(12, 1.0f / 9)};
    nearly_equal.weights[0] = 1.0f / 3 + 1e-3f, nearly_equal.weights[1] = 1.0f / 3 - 1e-3f,
    nearly_equal.weights[2] = 1.0f / 3;
    const EntropyHistograms histograms = entropy_histograms(three_and_nine, nearly_equal);
    BOOST_TEST(attention_entropy(three_and_nine, nearly_equal, 0, 0) < std::log(3.0));
    BOOST_TEST(histograms.uniform[12] == 1);
    BOOST_TEST(histograms.heads[0] == histograms.uniform, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(graphs_without_choice_have_bins_too) {
    const EntropyHistograms loops = entropy_histograms({{0, 1, 2}, {0, 1}}, {"0", 1, {1, 1}});
    BOOST_TEST(loops.bins.back() > 0);
    BOOST_TEST(loops.uniform[0] == 2);
    BOOST_TEST(loops.mean_uniform == 0);
    const EntropyHistograms none = entropy_histograms({{0, 0, 0}, {}}, {"0", 1, {}});
    BOOST_TEST(std::accumulate(none.uniform.begin(), none.uniform.end(), std::int64_t{0}) == 0);
    BOOST_TEST(none.means.at(0) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
