#include "datasets/planetoid.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "autograd/errors.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace std::string_literals;
using tapegrad::testing::expect_error;
using tapegrad::testing::TemporaryFolder;

namespace fs = std::filesystem;

namespace {

const fs::path tiny = fs::path(TAPEGRAD_SOURCE_DIR) / "tests/datasets/planetoid_tiny";

/// What make_planetoid_tiny.py describes, put in order by hand.
Dataset expected() {
    Dataset dataset;
    dataset.name = "tiny";
    dataset.nodes = 12;
    // Node 9 has no entry; row 0 of tx is node 10, row 1 node 8, row 2 node 11.
    dataset.features = {
        12,
        5,
        {0, 2, 3, 5, 6, 8, 9, 9, 14, 15, 15, 16, 18},
        {0, 3, 1, 2, 4, 0, 1, 2, 4, 0, 1, 2, 3, 4, 3, 0, 1, 4},
        {1.0F, 1.0F, 0.5F, 1.0F, 0.25F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 2.0F, 1.0F, 3.0F}};
    dataset.labels = {0, 1, 2, 0, 1, 2, 0, 1, 0, unlabelled, 2, 1};
    dataset.class_names = {"0", "1", "2"};
    dataset.node_names = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"};
    dataset.edges = {{1, 0}, {10, 0}, {0, 1}, {2, 1},  {2, 1}, {1, 2},  {1, 2},  {3, 2},  {2, 3}, {4, 4},
                     {6, 5}, {5, 6},  {8, 6}, {11, 7}, {6, 8}, {10, 8}, {0, 10}, {8, 10}, {7, 11}};
    dataset.train = {0, 1, 2};
    dataset.validation = {3, 4, 5, 6, 7};
    dataset.test = {8, 10, 11};
    return dataset;
}

/// Expects an error after `from` became `to` (of any length) in one file, where it occurs for the `occurrence`th time.
template <class Error = DataError>
void expect_refused(const std::string& part, const std::string& from, const std::string& to,
                    std::initializer_list<std::string> parts, int occurrence = 1) {
    const TemporaryFolder folder;
    fs::copy(tiny, folder.path());
    const fs::path file = folder.path() / ("ind.tiny." + part);
    std::string bytes = read_file(file);
    std::size_t position = bytes.find(from);
    for (int i = 1; i < occurrence && position != std::string::npos; ++i) position = bytes.find(from, position + 1);
    BOOST_REQUIRE(position != std::string::npos);
    write_file(file, bytes.replace(position, from.size(), to));
    expect_error<Error>([&] { load_planetoid(folder.path(), "tiny"); }, parts);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(datasets_planetoid)

BOOST_AUTO_TEST_CASE(tiny_data_set_is_read_with_test_nodes_in_their_places) {
    BOOST_CHECK(load_planetoid(tiny, "tiny") == expected());
}

BOOST_AUTO_TEST_CASE(test_node_without_entry_is_isolated_and_in_no_split) {
    const Dataset dataset = load_planetoid(tiny, "tiny");
    BOOST_CHECK_EQUAL(dataset.features.row_offsets[9], dataset.features.row_offsets[10]);
    BOOST_CHECK_EQUAL(dataset.labels[9], unlabelled);
    for (const Edge& edge : dataset.edges) BOOST_CHECK(edge.source != 9 && edge.target != 9);
    for (const std::int32_t node : dataset.test) BOOST_CHECK_NE(node, 9);
}

BOOST_AUTO_TEST_CASE(crlf_and_a_missing_final_newline_in_the_test_index_are_accepted) {
    const TemporaryFolder folder;
    fs::copy(tiny, folder.path());
    write_file(folder.path() / "ind.tiny.test.index", "10\r\n8\r\n11");
    BOOST_CHECK(load_planetoid(folder.path(), "tiny") == expected());
}

BOOST_AUTO_TEST_CASE(every_missing_file_is_named) {
    for (const char* const part : {"x", "y", "tx", "ty", "allx", "ally", "graph", "test.index"}) {
        const TemporaryFolder folder;
        fs::copy(tiny, folder.path());
        const std::string name = "ind.tiny."s + part;
        fs::remove(folder.path() / name);
        expect_error<DataError>([&] { load_planetoid(folder.path(), "tiny"); }, {name, "nothing of that name"});
    }
}

BOOST_AUTO_TEST_CASE(inconsistent_files_are_refused) {
    const auto refused = [](const std::string& replaced, const std::string& by, const std::string& test_index,
                            const std::string& message) {
        const TemporaryFolder folder;
        fs::copy(tiny, folder.path());
        fs::copy_file(tiny / ("ind.tiny." + by), folder.path() / ("ind.tiny." + replaced),
                      fs::copy_options::overwrite_existing);
        write_file(folder.path() / "ind.tiny.test.index", test_index);
        expect_error<DataError>([&] { load_planetoid(folder.path(), "tiny"); }, {message});
    };
    const std::string index = "10\n8\n11\n";
    refused("y", "ally", index, "ind.tiny.y: expected 3 rows as in ind.tiny.x, got 8");
    refused("x", "tx", index, "ind.tiny.x: expected the first rows of allx");
    refused("y", "ty", index, "ind.tiny.x: expected the first rows of allx");
    refused("x", "x", "8\n9\n10\n11\n", "ind.tiny.test.index: expected 3 nodes, one for each row of tx, got 4");
}

BOOST_AUTO_TEST_CASE(bad_test_index_is_refused) {
    expect_refused("test.index", "10\n", "", {"test.index", "3 nodes", "got 2"});
    expect_refused("test.index", "10", "ten", {"test.index:1", "a node number", "'ten'"});
    expect_refused("test.index", "10", "11", {"test.index", "each node once", "11 twice"});
    expect_refused("test.index", "8", "7", {"test.index", "from 8 on"});
    expect_refused("test.index", "8", "9", {"test.index", "from 8 on"});
    expect_refused("test.index", "11", "12", {"graph", "the nodes 0 to 12"});
    expect_refused("test.index", "11", "2147483647", {"graph", "the nodes 0 to 2147483647"});
}

BOOST_AUTO_TEST_CASE(bad_label_row_is_refused) {
    // Row 0 of y is the int32 1, 0, 0.
    const std::string one("\1\0\0\0\0\0\0\0\0\0\0\0", 12);
    expect_refused("ally", one, std::string(12, '\0'), {"ally", "one 1 and else 0 in row 0"});
    expect_refused("ally", one, "\1\0\0\0\1\0\0\0\0\0\0\0"s, {"ally", "row 0"});
    expect_refused("ally", one, "\2\0\0\0\0\0\0\0\0\0\0\0"s, {"ally", "row 0"});
}

BOOST_AUTO_TEST_CASE(graph_with_nodes_out_of_range_twice_or_missing_is_refused) {
    expect_refused<IndexError>("graph", "K\1K\n", "K\1K\x0c", {"edge 1", "0 to 11", "got 12"});
    expect_refused("graph", "K\x0b]", "K\x0c]", {"graph", "the nodes 0 to 11"});
    expect_refused("graph", "K\x0b]", "K\1]", {"graph", "each node once", "1 twice"});
    expect_refused("graph", "K\1K\n", "K\1J\xff\xff\xff\xff", {"graph", "from 0 to 2^31 - 1", "got -1"});
}

BOOST_AUTO_TEST_CASE(list_shared_by_two_nodes_is_refused) {
    // Node 1 refers to the list of node 0, memorised as number 4.
    expect_refused("graph", "K\1]q\5(", "K\1h\4(", {"graph", "a list of its own"});
}

BOOST_AUTO_TEST_CASE(features_that_are_not_finite_name_node_and_feature) {
    const std::string half("\0\0\0\x3f", 4);  // 0.5, of node 1, feature 1
    expect_refused("allx", half, "\0\0\xc0\x7f"s, {"ind.tiny.allx, node 1, feature 1", "finite", "nan"});
    expect_refused("allx", half, "\0\0\x80\x7f"s, {"ind.tiny.allx, node 1, feature 1", "finite", "inf"});
}

BOOST_AUTO_TEST_CASE(feature_out_of_range_names_the_node) {
    // The indices of allx begin with 0, 3.
    expect_refused<IndexError>("allx", "\0\0\0\0\3\0\0\0\1"s, "\0\0\0\0\7\0\0\0\1"s, {"node 0", "0 to 4", "got 7"});
}

BOOST_AUTO_TEST_CASE(arrays_of_another_kind_are_refused) {
    expect_refused("allx", "f4", "f8", {"allx, byte", "dtype '<f4'", "'<f8'"});
    expect_refused("ally", "<", ">", {"ally, byte", "dtype '<i4'", "'>i4'"});
    expect_refused("ally", "tb\x89", "tb\x88", {"ally, byte", "row-major"});
    expect_refused("ally", "K\10K\3\x86", "K\11K\3\x86", {"ally, byte", "27 elements of 4 bytes", "96 bytes"});
    expect_refused("ally", "K\10K\3\x86", "K\10\x85", {"ally, byte", "a tuple of 2", "one of 1"});
    expect_refused("allx", "indptr", "indptx", {"allx, byte", "a dict with 'indptr'"});
}

BOOST_AUTO_TEST_CASE(pickle_of_another_value_is_refused) {
    const TemporaryFolder folder;
    fs::copy(tiny, folder.path());
    fs::copy_file(folder.path() / "ind.tiny.y", folder.path() / "ind.tiny.x", fs::copy_options::overwrite_existing);
    expect_error<DataError>([&] { load_planetoid(folder.path(), "tiny"); },
                            {"ind.tiny.x, byte", "csr_matrix", "_reconstruct"});
}

BOOST_AUTO_TEST_SUITE_END()
