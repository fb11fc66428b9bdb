// The data of datasets/cora against numbers published elsewhere.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/load.hpp"
#include "datasets/transforms.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

const std::filesystem::path data_root = std::filesystem::path(TAPEGRAD_SOURCE_DIR) / "datasets";

const Dataset& cora() {
    static const Dataset dataset = load_dataset("cora", {data_root});
    return dataset;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_cora)

BOOST_AUTO_TEST_CASE(counts_are_those_of_the_linqs_description) {
    BOOST_CHECK_EQUAL(cora().name, "cora");
    BOOST_CHECK_EQUAL(cora().nodes, 2708);
    BOOST_CHECK_EQUAL(cora().features.rows, 2708);
    BOOST_CHECK_EQUAL(cora().features.columns, 1433);
    BOOST_CHECK_EQUAL(cora().features.values.size(), 49216);
    BOOST_CHECK_EQUAL(cora().edges.size(), 5429);
    BOOST_CHECK(std::all_of(cora().features.values.begin(), cora().features.values.end(),
                            [](float value) { return value == 1.0F; }));
}

BOOST_AUTO_TEST_CASE(classes_have_their_known_order_and_sizes) {
    const std::vector<std::string> names{"Theory",          "Reinforcement_Learning", "Genetic_Algorithms",
                                         "Neural_Networks", "Probabilistic_Methods",  "Case_Based",
                                         "Rule_Learning"};
    BOOST_TEST(cora().class_names == names, boost::test_tools::per_element());
    std::vector<int> sizes(7), training_sizes(7);
    for (const std::int32_t label : cora().labels) ++sizes.at(label);
    for (const std::int32_t node : cora().train) ++training_sizes.at(cora().labels[node]);
    BOOST_TEST(sizes == (std::vector<int>{351, 217, 418, 818, 426, 298, 180}), boost::test_tools::per_element());
    BOOST_TEST(training_sizes == std::vector<int>(7, 20), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(split_is_the_public_one) {
    BOOST_CHECK_EQUAL(cora().train.size(), 140);
    BOOST_CHECK_EQUAL(cora().train.front(), 0);
    BOOST_CHECK_EQUAL(cora().train.back(), 139);
    BOOST_CHECK_EQUAL(cora().validation.size(), 500);
    BOOST_CHECK_EQUAL(cora().validation.front(), 140);
    BOOST_CHECK_EQUAL(cora().validation.back(), 639);
    BOOST_CHECK_EQUAL(cora().test.size(), 1000);
    BOOST_CHECK_EQUAL(cora().test.front(), 1708);
    BOOST_CHECK_EQUAL(cora().test.back(), 2707);
}

BOOST_AUTO_TEST_CASE(graph_for_training_has_13264_edges) {
    const auto undirected = merge_duplicates(symmetrise(cora().edges));
    BOOST_CHECK_EQUAL(undirected.size(), 2 * 5278);
    BOOST_CHECK_EQUAL(remove_self_loops(undirected).size(), 2 * 5278);
    BOOST_CHECK_EQUAL(add_self_loops(undirected, cora().nodes).size(), 13264);
}

BOOST_AUTO_TEST_CASE(edges_go_from_the_cited_to_the_citing_paper) {
    // The first line of cora.cites, "35 1033", says that 1033 cites 35.
    const Edge first = cora().edges.front();
    BOOST_CHECK_EQUAL(cora().node_names[first.source], "35");
    BOOST_CHECK_EQUAL(cora().node_names[first.target], "1033");
}

BOOST_AUTO_TEST_CASE(neighbours_of_node_0_are_those_planetoid_lists) {
    std::vector<std::int32_t> sources;
    for (const auto& [source, target] : merge_duplicates(symmetrise(cora().edges)))
        if (target == 0) sources.push_back(source);
    BOOST_TEST(sources == (std::vector<std::int32_t>{633, 1862, 2582}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(words_of_node_0_are_those_planetoid_lists) {
    const auto& features = cora().features;
    const std::vector<std::int32_t> words(features.column_index.begin(),
                                          features.column_index.begin() + features.row_offsets[1]);
    BOOST_TEST(words == (std::vector<std::int32_t>{19, 81, 146, 315, 774, 877, 1194, 1247, 1274}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_changed_byte_is_detected) {
    const TemporaryFolder folder;
    std::filesystem::copy(data_root / "cora", folder.path() / "cora");
    BOOST_CHECK_NO_THROW(load_dataset("cora", {folder.path()}));
    std::string papers = read_file(folder.path() / "cora" / "papers.tsv");
    papers.back() = ' ';
    write_file(folder.path() / "cora" / "papers.tsv", papers);
    expect_error<DataError>([&] { load_dataset("cora", {folder.path()}); }, {"papers.tsv", "SHA-256"});
}

BOOST_AUTO_TEST_SUITE_END()
