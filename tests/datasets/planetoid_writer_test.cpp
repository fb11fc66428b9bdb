#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "datasets/load.hpp"
#include "datasets/numpy_pickle.hpp"
#include "datasets/planetoid.hpp"
#include "datasets/transforms.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

/// The files that make_planetoid_tiny.py made, with a test node without entry.
Dataset tiny() { return load_planetoid(fs::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny", "tiny"); }

/// Five nodes: 0 and 1 train, 2 validates, 3 and 4 are tested.
Dataset five() {
    Dataset dataset;
    dataset.name = "five";
    dataset.nodes = 5;
    dataset.features = {5, 2, {0, 1, 1, 2, 3, 5}, {0, 1, 0, 0, 1}, {1, 0.5F, 1, 1, 1}};
    dataset.class_names = {"a", "b"};
    dataset.labels = {0, 1, 0, 1, 1};
    dataset.node_names = {"p", "q", "r", "s", "t"};
    dataset.edges = {{0, 1}, {1, 2}, {4, 3}, {3, 4}, {2, 2}};
    dataset.train = {0, 1};
    dataset.validation = {2};
    dataset.test = {3, 4};
    return dataset;
}

Dataset written_and_read(const Dataset& dataset) {
    const TemporaryFolder folder;
    write_planetoid(dataset, folder.path() / "new");
    return load_planetoid(folder.path() / "new", dataset.name);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_planetoid_writer)

BOOST_AUTO_TEST_CASE(loader_gives_the_same_back) { BOOST_TEST((written_and_read(tiny()) == tiny())); }

BOOST_AUTO_TEST_CASE(missing_directions_are_added_and_names_become_numbers) {
    Dataset expected = five();
    expected.class_names = {"0", "1"};
    expected.node_names = {"0", "1", "2", "3", "4"};
    expected.edges = {{1, 0}, {0, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 3}, {3, 4}};
    BOOST_TEST((written_and_read(five()) == expected));
}

BOOST_AUTO_TEST_CASE(cora_comes_back_with_the_same_features_labels_split_and_pairs) {
    const Dataset cora = load_dataset("cora", {fs::path(TAPEGRAD_SOURCE_DIR) / "datasets"});
    const Dataset back = written_and_read(cora);
    BOOST_TEST((back.features == cora.features));
    BOOST_TEST((back.labels == cora.labels));
    BOOST_TEST((back.train == cora.train && back.validation == cora.validation && back.test == cora.test));
    BOOST_TEST((merge_duplicates(back.edges) == merge_duplicates(symmetrise(cora.edges))));
}

BOOST_AUTO_TEST_CASE(numbers_of_every_length_are_pickled) {
    const TemporaryFolder folder;
    std::vector<std::vector<std::int32_t>> adjacency{{255, 256, 65535, 65536, 2147483647}, {}};
    write_file(folder.path() / "graph", pickled(adjacency));
    const auto back = read_pickled_adjacency(folder.path() / "graph");
    BOOST_TEST(back.size() == 2);
    BOOST_TEST(back.at(0) == adjacency[0], boost::test_tools::per_element());
    const IntMatrix matrix{2, 300, std::vector<std::int32_t>(600, -7)};  // more than 255 bytes
    write_file(folder.path() / "matrix", pickled(matrix));
    BOOST_TEST(read_pickled_matrix(folder.path() / "matrix").values == matrix.values, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_form_cannot_hold_is_refused_and_nothing_is_written) {
    const TemporaryFolder folder;
    const auto refused = [&](auto change, std::initializer_list<std::string> parts) {
        Dataset dataset = five();
        change(dataset);
        expect_error<DataError>([&] { write_planetoid(dataset, folder.path() / "new"); }, parts);
        BOOST_TEST(!fs::exists(folder.path() / "new"));
    };
    refused([](Dataset& dataset) { dataset.train.clear(); }, {"no training nodes"});
    refused([](Dataset& dataset) { dataset.test.clear(); }, {"no test nodes"});
    refused([](Dataset& dataset) { dataset.train = {1}; }, {"node 0 in the training split", "node 1 (q)"});
    refused([](Dataset& dataset) { dataset.train = {0}; }, {"node 1 in the validation split", "node 2 (r)"});
    refused([](Dataset& dataset) { dataset.validation.clear(); }, {"1 validation nodes", "got 0"});
    refused([](Dataset& dataset) { dataset.test = {3}; }, {"a test node at the end", "node 4 (t)"});
    refused(
        [](Dataset& dataset) {
            dataset.validation.clear(), dataset.labels[2] = unlabelled, dataset.train = {0, 1};
        },
        {"1 validation nodes"});
    refused(
        [](Dataset& dataset) {
            dataset.train = {0};
            dataset.validation = {1};
            dataset.test = {2, 4};
        },
        {"among the test nodes", "node 3 (s)"});
}

BOOST_AUTO_TEST_SUITE_END()
