#include "tools/benchmarks/synthetic_graph.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "datasets/files.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tests/temporary_folder.hpp"
#include "tools/benchmarks/alias_table.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;
using Indices = std::vector<std::int32_t>;

namespace {

BackendPtr reference() { return open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so"); }

std::string bytes_of(const Indices& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(std::int32_t)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_benchmarks_synthetic_graph)

BOOST_AUTO_TEST_CASE(alias_table_gives_each_number_its_share) {
    // Every word of a grid once: the shares are exact up to the grid.
    for (const std::vector<double>& weights :
         {std::vector<double>{1}, std::vector<double>{1, 1, 1}, std::vector<double>{8, 1, 1, 2, 4}}) {
        const AliasTable table(weights);
        const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
        std::vector<double> share(weights.size());
        constexpr std::uint64_t columns = 60, heights = 4096;
        for (std::uint64_t column = 0; column < columns; ++column)
            for (std::uint64_t height = 0; height < heights; ++height) {
                const auto picked = table.pick(static_cast<std::uint32_t>((column << 32) / columns + 1),
                                               static_cast<std::uint32_t>((height << 32) / heights));
                share[static_cast<std::size_t>(picked)] += 1.0 / (columns * heights);
            }
        for (std::size_t i = 0; i < weights.size(); ++i) BOOST_TEST(std::abs(share[i] - weights[i] / sum) < 1e-3);
    }
}

BOOST_AUTO_TEST_CASE(power_law_graph_has_both_directions_and_a_self_loop_a_node) {
    const CsrGraph graph = power_law_graph(300, 2000, 1);
    BOOST_TEST(graph.nodes() == 300);
    std::map<std::pair<int, int>, int> edges;
    for (int target = 0; target < 300; ++target) {
        const auto begin = graph.sources.begin() + graph.offsets[target],
                   end = graph.sources.begin() + graph.offsets[target + 1];
        BOOST_TEST(std::is_sorted(begin, end));
        for (auto source = begin; source != end; ++source) ++edges[{*source, target}];
    }
    for (const auto& [edge, count] : edges) BOOST_TEST((edges.at({edge.second, edge.first}) == count));
    for (int node = 0; node < 300; ++node) BOOST_TEST((edges.at({node, node}) == 1));
    // Of 2,000 pairs about 2,000 * sum(w^2) / sum(w)^2 = 12 have equal ends and are dropped.
    BOOST_TEST(graph.sources.size() <= 2 * 2000 + 300);
    BOOST_TEST(graph.sources.size() >= 2 * 1950 + 300);
}

BOOST_AUTO_TEST_CASE(degrees_follow_the_weights) {
    constexpr std::int64_t nodes = 2000, edges = 200'000;
    const CsrGraph graph = power_law_graph(nodes, edges, 5);
    std::vector<double> degrees, weights;
    for (std::size_t node = 0; node < nodes; ++node) {
        degrees.push_back(graph.offsets[node + 1] - graph.offsets[node] - 1);
        weights.push_back(1 / std::sqrt(static_cast<double>(node) + 10));
    }
    BOOST_TEST(std::abs(std::ranges::max_element(degrees) - degrees.begin()) > 0, "the weights are not shuffled");
    std::ranges::sort(degrees, std::greater());
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    // Sums of a hundred degrees: a few thousand ends each, which scatter by their square root.
    for (std::size_t first = 0; first < nodes; first += 100) {
        const auto total = [&](const std::vector<double>& values) {
            return std::accumulate(values.begin() + first, values.begin() + first + 100, 0.0);
        };
        const double expected = 2 * edges * total(weights) / sum;
        BOOST_TEST(std::abs(total(degrees) - expected) < 0.1 * expected);
    }
}

BOOST_AUTO_TEST_CASE(seeds_decide_the_graph) {
    const CsrGraph a = power_law_graph(50, 200, 3), b = power_law_graph(50, 200, 3), c = power_law_graph(50, 200, 4);
    BOOST_CHECK(a.sources == b.sources && a.offsets == b.offsets);
    BOOST_CHECK(a.sources != c.sources);
}

BOOST_AUTO_TEST_CASE(sizes_beyond_i32_or_without_nodes_are_refused) {
    expect_error<IndexError>([] { power_law_graph(0, 1, 0); }, {"power_law_graph", "0 nodes"});
    expect_error<IndexError>([] { power_law_graph(10, 1 << 30, 0); }, {"1073741824 edges"});
    expect_error<IndexError>([] { power_law_graph(10, -1, 0); }, {"-1 edges"});
}

BOOST_AUTO_TEST_CASE(random_data_is_standard_normal_and_split_in_halves) {
    const GraphData data =
        with_random_data(power_law_graph(1001, 3000, 1), {.features = 31, .classes = 5, .seed = 2}, reference());
    const std::vector<float> features = std::get<Tensor>(data.features).values<float>();
    BOOST_TEST(features.size() == 1001 * 31);
    double sum = 0, squares = 0, fourth = 0;
    for (const double x : features) {
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
    }
    const auto n = static_cast<double>(features.size());
    // Within five standard errors: of the mean 1, of the square 2, of the fourth power 96, by the root of n.
    BOOST_TEST(std::abs(sum / n) < 5 / std::sqrt(n));
    BOOST_TEST(std::abs(squares / n - 1) < 5 * std::sqrt(2 / n));
    BOOST_TEST(std::abs(fourth / n - 3) < 5 * std::sqrt(96 / n));
    const Indices train = data.train.rows.index.values<std::int32_t>();
    BOOST_TEST(train.size() == 500);
    BOOST_TEST(train.back() == 499);
    BOOST_TEST(data.test.labels.size() == 501);
    const Indices labels = data.test.labels.values<std::int32_t>();
    for (std::int32_t label = 0; label < 5; ++label) BOOST_TEST(std::ranges::count(labels, label) > 50);
}

BOOST_AUTO_TEST_CASE(edges_come_back_from_their_file) {
    const tapegrad::testing::TemporaryFolder folder;
    const CsrGraph graph = power_law_graph(40, 100, 9);
    write_edges(make_graph(reference(), graph.offsets, graph.sources), folder.path() / "edges");
    const CsrGraph again = read_edges(folder.path() / "edges");
    BOOST_CHECK(again.offsets == graph.offsets && again.sources == graph.sources);
    const EdgeCounts counts = read_edge_counts(folder.path() / "edges");
    BOOST_TEST(counts.nodes == 40);
    BOOST_TEST(counts.edges == static_cast<std::int64_t>(graph.sources.size()));
}

BOOST_AUTO_TEST_CASE(files_that_hold_no_edges_are_refused) {
    const tapegrad::testing::TemporaryFolder folder;
    const auto file = folder.path() / "edges";
    const auto read = [&](const Indices& content) {
        write_file(file, bytes_of(content));
        read_edges(file);
    };
    expect_error<DataError>([&] { read_edges(folder.path() / "absent"); }, {"absent", "a file of edges"});
    expect_error<DataError>([&] { read({}); }, {"N, E"});
    expect_error<DataError>([&] { read({3, 2, 0, 1, 0}); }, {"20 bytes, N = 3, E = 2"});
    expect_error<DataError>([&] { read({3, -1}); }, {"E = -1"});
    expect_error<DataError>([&] { read({2'000'000'000, 1, 0, 0}); }, {"at most 2 nodes", "got 2000000000"});
    expect_error<DataError>([&] { read({1, 0}); }, {"at most 0 nodes", "got 1"});
    expect_error<DataError>([&] { read({2, 2'000'000'000, 0, 1}); }, {"16 bytes, N = 2, E = 2000000000"});
    expect_error<DataError>([&] { read({3, 2, 0, 3, 0, 1}); }, {"nodes from 0 to 2"});
    expect_error<DataError>([&] { read({3, 2, 0, 1, -1, 1}); }, {"nodes from 0 to 2"});
    expect_error<DataError>([&] { read({3, 2, 0, 1, 2, 1}); }, {"sorted by target"});
    expect_error<DataError>([&] { write_edges(make_graph(reference(), Indices{0}, Indices{}), "/absent/edges"); },
                            {"/absent/edges", "can be written"});
}

BOOST_AUTO_TEST_SUITE_END()
