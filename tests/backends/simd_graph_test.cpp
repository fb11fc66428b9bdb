// The kernels of graphs on the simd backend: any number of heads and features, hubs, the same bits on any number of
// threads.
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/backends/simd_fixture.hpp"

namespace tapegrad::testing {
namespace {

struct Sizes {
    std::int64_t sources, targets, edges, heads, features;
};

/// The inputs of graph_attention; with a bias and a mask that keeps about 40 %, or without both.
Tensors inputs_of_attention(SampleSource& s, const Sizes& n, bool drops) {
    const Grouping by_source = s.grouping(n.edges, n.sources), by_target = s.grouping(n.edges, n.targets);
    return {s.normal({n.sources, n.heads, n.features}),
            s.normal({n.sources, n.heads}),
            s.normal({n.targets, n.heads}),
            drops ? s.normal({n.heads, n.features}) : s.normal({0}),
            random_mask({s.key(), 1}, drops ? n.edges * n.heads : 0, 26214),
            by_source.index,
            by_source.order,
            by_source.offsets,
            by_target.index,
            by_target.order,
            by_target.offsets};
}

const Attributes attention_attributes = {{"negative_slope", 0.2}, {"scale", 2.5}};

Tensors spmm_inputs(SampleSource& s, std::int64_t rows, std::int64_t columns, std::int64_t entries,
                    std::int64_t width) {
    const Grouping by_row = s.grouping(entries, rows), by_column = s.grouping(entries, columns);
    return {
        s.normal({entries}), s.normal({columns, width}), by_row.index, by_row.order, by_row.offsets, by_column.index,
        by_column.order,     by_column.offsets};
}

/// All bits that graph ops and their gradients make.
std::vector<double> graph_results_on(const BackendPtr& backend, DType dtype, std::int64_t heads,
                                     std::int64_t features) {
    SampleSource s(backend, dtype, 23);
    const Tensors in = inputs_of_attention(s, {1500, 1400, 20000, heads, features}, true);
    const Tensor a_source = s.normal({heads, features}), a_target = s.normal({heads, features});
    const Tensors product = spmm_inputs(s, 900, 1100, 20000, heads * features);
    Tape tape;
    const std::vector<Tensor> watched = {in[0], in[1], in[2], a_source, a_target, product[1]};
    for (const Tensor& x : watched) tape.watch(x);
    const Tensor attended = apply(op_named<"graph_attention">(), in, attention_attributes)[0];
    const EndScores scores = attention_scores(in[0], a_source, a_target);
    const Tensor multiplied = apply(op_named<"spmm">(), product)[0];
    const Tensor loss = sum(attended * attended) + sum(scores.source * scores.target) + sum(multiplied * multiplied);
    std::vector<Tensor> made = tape.gradient(loss, watched);
    made.insert(made.end(), {attended, scores.source, scores.target, multiplied});
    std::vector<double> bits;
    for (const Tensor& x : made)
        for (const double value : x.values<double>()) bits.push_back(value);
    return bits;
}

BOOST_AUTO_TEST_SUITE(backends_simd_graph)

BOOST_AUTO_TEST_CASE(attention_takes_any_number_of_heads_and_features) {
    for (const DType dtype : float_types) {
        SampleSource s(simd(), dtype, 3);
        for (std::int64_t heads = 1; heads <= 13; ++heads)
            for (const std::int64_t features : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 32, 33, 64, 67, 72}) {
                const Sizes sizes{7, 9, 41, heads, features};
                check_op(op_named<"graph_attention">(), inputs_of_attention(s, sizes, features % 2 == 0),
                         attention_attributes, dtype);
                const Tensor z = s.normal({6, heads, features}), a = s.normal({heads, features});
                check_op(op_named<"attention_scores">(), {z, a, s.normal({heads, features})}, {}, dtype);
                check_op(op_named<"attention_inputs">(), {z, a, s.normal({heads, features}), s.key()},
                         {{"feature_probability", 0.6},
                          {"feature_site", std::int64_t{1}},
                          {"coefficient_probability", 0.3},
                          {"coefficient_site", std::int64_t{2}},
                          {"edges", std::int64_t{11}}},
                         dtype);
            }
    }
}

BOOST_AUTO_TEST_CASE(spmm_takes_any_width_and_long_rows) {
    for (const DType dtype : float_types) {
        SampleSource s(simd(), dtype, 4);
        for (std::int64_t width = 1; width <= 140; width += width < 34 ? 1 : 7)
            check_op(op_named<"spmm">(), spmm_inputs(s, 3, 5, 17, width), {}, dtype);
        check_op(op_named<"spmm">(), spmm_inputs(s, 2, 50, 1300, 37), {}, dtype);
    }
}

BOOST_AUTO_TEST_CASE(a_hub_of_many_edges_keeps_its_digits) {
    for (const DType dtype : float_types)
        for (const auto& [heads, features] : {std::pair{8, 8}, std::pair{4, 16}, std::pair{1, 7}, std::pair{1, 40}}) {
            SampleSource s(simd(), dtype, 6);
            // 4,000 edges into each of two nodes, then as many out of each.
            for (const auto& [sources, targets] : {std::pair{500, 2}, std::pair{2, 500}})
                check_op(op_named<"graph_attention">(),
                         inputs_of_attention(s, {sources, targets, 8000, heads, features}, false), attention_attributes,
                         dtype);
        }
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
    for (const DType dtype : float_types)
        for (const auto& [heads, features] :
             {std::pair{8, 8}, std::pair{9, 5}, std::pair{12, 16}, std::pair{1, 7}, std::pair{2, 67}}) {
            const std::vector<double> one = graph_results_on(open_backend("simd", 1), dtype, heads, features);
            for (const int threads : {2, 5})
                BOOST_TEST((graph_results_on(open_backend("simd", threads), dtype, heads, features) == one),
                           heads << " heads of " << features << " on " << threads << " threads");
        }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
