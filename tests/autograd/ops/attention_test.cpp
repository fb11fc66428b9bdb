#include "autograd/ops/attention.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/samples.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

using Ends = std::vector<std::int32_t>;

RandomSite site() { return {random_key(reference(), 5, 1), 4}; }

struct Graph {
    std::int64_t source_count, target_count;
    Ends sources, targets;
};

// Node 2 receives nothing, edge 0 -> 1 stands twice, source 3 is never used.
const Graph small_graph{4, 3, {0, 1, 0, 2, 0}, {1, 0, 1, 1, 0}};

struct Inputs {
    std::vector<double> z, source_score, target_score;
    std::int64_t heads, features;
};

Inputs inputs_for(const Graph& graph, std::int64_t heads, std::int64_t features) {
    return {numbers({graph.source_count, heads, features}), numbers({graph.source_count, heads}, 1),
            numbers({graph.target_count, heads}, 2), heads, features};
}

Tensor attend(const Graph& graph, const Inputs& in, DType dtype, double slope, double probability = 0) {
    const auto edges = static_cast<std::int64_t>(graph.sources.size());
    return graph_attention(tensor({graph.source_count, in.heads, in.features}, in.z, dtype),
                           tensor({graph.source_count, in.heads}, in.source_score, dtype),
                           tensor({graph.target_count, in.heads}, in.target_score, dtype), {},
                           make_grouping(reference(), graph.sources, graph.source_count),
                           make_grouping(reference(), graph.targets, graph.target_count), slope,
                           draw_kept_coefficients(site(), edges * in.heads, probability));
}

// Equations 2 to 4 as they stand in the paper. `kept` has one factor for each coefficient [E, H].
std::vector<double> attend_by_loops(const Graph& graph, const Inputs& in, double slope,
                                    const std::vector<double>& kept) {
    const auto heads = static_cast<std::size_t>(in.heads), features = static_cast<std::size_t>(in.features);
    std::vector<double> out(static_cast<std::size_t>(graph.target_count) * heads * features);
    for (std::size_t i = 0; i < static_cast<std::size_t>(graph.target_count); ++i)
        for (std::size_t h = 0; h < heads; ++h) {
            const auto exponential = [&](std::size_t edge) {
                const auto j = static_cast<std::size_t>(graph.sources[edge]);
                const double score = in.source_score[j * heads + h] + in.target_score[i * heads + h];
                return std::exp(score > 0 ? score : slope * score);
            };
            double total = 0;
            for (std::size_t edge = 0; edge < graph.targets.size(); ++edge)
                if (graph.targets[edge] == static_cast<std::int32_t>(i)) total += exponential(edge);
            for (std::size_t edge = 0; edge < graph.targets.size(); ++edge)
                if (graph.targets[edge] == static_cast<std::int32_t>(i))
                    for (std::size_t f = 0; f < features; ++f)
                        out[(i * heads + h) * features + f] +=
                            exponential(edge) / total * kept[edge * heads + h] *
                            in.z[(static_cast<std::size_t>(graph.sources[edge]) * heads + h) * features + f];
        }
    return out;
}

Graph larger_graph() {
    Graph graph{23, 19, {}, {}};
    for (std::int32_t edge = 0; edge < 97; ++edge) {
        graph.sources.push_back(edge * 37 % 23);
        graph.targets.push_back(edge * 11 % 17);
    }
    return graph;
}

BOOST_AUTO_TEST_SUITE(autograd_ops_attention)

BOOST_AUTO_TEST_CASE(it_is_equations_2_to_4_by_loops) {
    for (const Graph& graph : {small_graph, larger_graph(), Graph{3, 2, {}, {}}, Graph{1, 1, {0}, {0}}})
        for (const auto& [heads, features] : {std::pair{1, 1}, std::pair{2, 3}, std::pair{3, 0}})
            for (const DType dtype : float_types) {
                const Inputs in = inputs_for(graph, heads, features);
                const std::vector<double> all_kept(graph.sources.size() * static_cast<std::size_t>(heads), 1);
                BOOST_TEST(approximately(attend(graph, in, dtype, 0.2), {graph.target_count, heads, features},
                                         attend_by_loops(graph, in, 0.2, all_kept)));
            }
}

BOOST_AUTO_TEST_CASE(a_bias_is_added_to_every_node_and_gets_the_sum_of_their_gradients) {
    const Inputs in = inputs_for(small_graph, 2, 3);
    const Tensor z = tensor({4, 2, 3}, in.z), source_score = tensor({4, 2}, in.source_score),
                 target_score = tensor({3, 2}, in.target_score), bias = tensor({2, 3}, numbers({2, 3}, 3)),
                 weights = tensor({3, 2, 3}, numbers({3, 2, 3}, 4));
    const Grouping sources = make_grouping(reference(), small_graph.sources, 4),
                   targets = make_grouping(reference(), small_graph.targets, 3);
    const std::vector<double> all_kept(10, 1), of_bias = bias.values<double>(), of_weights = weights.values<double>();
    std::vector<double> wanted = attend_by_loops(small_graph, in, 0.2, all_kept), column_sums(6);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        wanted[i] += of_bias[i % 6];
        column_sums[i % 6] += of_weights[i];
    }
    const auto gradients_with = [&](const Tensor& added) {
        Tape tape;
        for (const Tensor& x : {z, source_score, target_score, bias}) tape.watch(x);
        const Tensor out = graph_attention(z, source_score, target_score, added, sources, targets, 0.2);
        if (added.defined()) BOOST_TEST(approximately(out, {3, 2, 3}, wanted));
        return tape.gradient(sum(out * weights), {z, source_score, target_score, bias});
    };
    const std::vector<Tensor> with = gradients_with(bias), without = gradients_with({});
    BOOST_TEST(approximately(with[3], {2, 3}, column_sums));
    for (std::size_t i = 0; i < 3; ++i)
        BOOST_TEST(approximately(with[i], without[i].shape(), without[i].values<double>()), "input " << i);
}

BOOST_AUTO_TEST_CASE(dropout_acts_on_the_coefficients) {
    const Graph graph = larger_graph();
    const Inputs in = inputs_for(graph, 2, 3);
    const std::vector<double> kept = dropout(full(reference(), {97, 2}, 1, DType::f64), 0.6, site()).values<double>();
    BOOST_TEST(
        approximately(attend(graph, in, DType::f64, 0.2, 0.6), {19, 2, 3}, attend_by_loops(graph, in, 0.2, kept)));
    BOOST_TEST(approximately(attend(graph, in, DType::f64, 0.2, 1), {19, 2, 3}, std::vector<double>(19 * 2 * 3)));
}

BOOST_AUTO_TEST_CASE(huge_and_infinite_scores_share_as_they_should) {
    // Node 0 hears 1 and 0, node 1 hears 0 twice and 2.
    Inputs in{{1, 2, 4, 8}, {1e30, 1e30, -1e30, 0}, {-5, 7, 0}, 1, 1};
    BOOST_TEST(approximately(attend(small_graph, in, DType::f32, 0.2), {3, 1, 1}, {1.5, 1, 0}));
    in.source_score = {-infinity, 3, -1e30, 0};
    BOOST_TEST(approximately(attend(small_graph, in, DType::f32, 0.2), {3, 1, 1}, {2, 4, 0}));
    in.target_score = {-infinity, -infinity, -infinity};
    BOOST_TEST(approximately(attend(small_graph, in, DType::f32, 0.2), {3, 1, 1}, {0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(denormal_scores_share_as_equal_ones_and_denormal_features_are_kept) {
    for (const DType dtype : float_types) {
        const double smallest =
            dtype == DType::f32 ? std::numeric_limits<float>::denorm_min() : std::numeric_limits<double>::denorm_min();
        // Node 0 hears 1 and 0, node 1 hears 0 twice and 2.
        Inputs in{{1, 2, 4, 8}, {smallest, -smallest, 0, 0}, {0, smallest, 0}, 1, 1};
        BOOST_TEST(approximately(attend(small_graph, in, dtype, 0.2), {3, 1, 1}, {1.5, 2, 0}));
        in.z = {64 * smallest, 64 * smallest, 64 * smallest, 0};
        const std::vector<double> out = attend(small_graph, in, dtype, 0.2).values<double>();
        BOOST_TEST(std::abs(out[0] - 64 * smallest) <= 2 * smallest);
        BOOST_TEST(std::abs(out[1] - 64 * smallest) <= 3 * smallest);
    }
}

BOOST_AUTO_TEST_CASE(a_score_that_is_nan_stays_with_the_nodes_that_hear_it) {
    // Node 0 hears 1 and 0, node 1 hears 0 twice and 2.
    Inputs in{{1, 2, 4, 8}, {0, nan, 0, 0}, {0, 0, 0}, 1, 1};
    BOOST_TEST(approximately(attend(small_graph, in, DType::f32, 0.2), {3, 1, 1}, {nan, 2, 0}));
    in.source_score = {0, infinity, 0, 0};  // inf - inf
    BOOST_TEST(approximately(attend(small_graph, in, DType::f32, 0.2), {3, 1, 1}, {nan, 2, 0}));
}

BOOST_AUTO_TEST_CASE(a_node_that_hears_nothing_gets_zeros_and_gives_zero_gradients) {
    const Inputs in = inputs_for(small_graph, 2, 3);
    const Tensor z = tensor({4, 2, 3}, in.z), source_score = tensor({4, 2}, in.source_score);
    for (const double target_score : {1.0, -infinity}) {
        const Tensor target = full(reference(), {3, 2}, target_score, DType::f64);
        Tape tape;
        for (const Tensor& x : {z, source_score, target}) tape.watch(x);
        const Tensor out =
            graph_attention(z, source_score, target, {}, make_grouping(reference(), small_graph.sources, 4),
                            make_grouping(reference(), small_graph.targets, 3), 0.2);
        const std::vector<Tensor> gradients = tape.gradient(sum(out * out), {z, source_score, target});
        for (const Tensor& gradient : gradients)
            for (const double element : gradient.values<double>()) BOOST_TEST(std::isfinite(element));
        for (std::size_t i : {4, 5}) BOOST_TEST(gradients[2].values<double>()[i] == 0);  // node 2 hears nothing
        for (std::size_t i : {6, 7}) BOOST_TEST(gradients[1].values<double>()[i] == 0);  // nobody hears node 3
        if (std::isinf(target_score)) BOOST_TEST(approximately(gradients[0], {4, 2, 3}, std::vector<double>(24)));
    }
}

BOOST_AUTO_TEST_CASE(what_is_saved_for_the_gradient_is_the_largest_score_and_the_sum_of_exponentials) {
    // Node 0 hears sources 1 and 0, node 1 hears 0 twice and 2, node 2 nothing. No score is below 0.
    const Tensor z = tensor({4, 1, 1}, {1, 2, 4, 8}), source_score = tensor({4, 1}, {1, 3, 2, 9}),
                 target_score = tensor({3, 1}, {0, 10, 5});
    const Grouping sources = make_grouping(reference(), small_graph.sources, 4),
                   targets = make_grouping(reference(), small_graph.targets, 3);
    const Tensors outputs =
        apply(find_op("graph_attention"),
              Tensors{z, source_score, target_score, tensor({0}, {}), tensor({0}, {}, DType::i32), sources.index,
                      sources.order, sources.offsets, targets.index, targets.order, targets.offsets},
              {{"negative_slope", 0.2}, {"scale", 1.0}});
    BOOST_TEST(approximately(outputs[1], {3, 1}, {3, 12, 0}));
    BOOST_TEST(approximately(outputs[2], {3, 1}, {1 + std::exp(-2), 1 + 2 * std::exp(-1), 1}));
}

BOOST_AUTO_TEST_CASE(a_mask_of_another_graph_is_refused) {
    const Inputs in = inputs_for(small_graph, 8, 3);
    const Grouping sources = make_grouping(reference(), small_graph.sources, 4),
                   targets = make_grouping(reference(), small_graph.targets, 3);
    for (const std::int64_t words : {1, 3})  // 5 edges with 8 heads are 40 bits
        expect_error<ShapeError>(
            [&] {
                apply(find_op("graph_attention"),
                      Tensors{tensor({4, 8, 3}, in.z), tensor({4, 8}, in.source_score), tensor({3, 8}, in.target_score),
                              tensor({0}, {}), full(reference(), {words}, -1, DType::i32), sources.index, sources.order,
                              sources.offsets, targets.index, targets.order, targets.offsets},
                      {{"negative_slope", 0.2}, {"scale", 1.0}});
            },
            {"graph_attention:", "one bit for each edge and head", to_string(Shape{words})});
}

BOOST_AUTO_TEST_CASE(inputs_that_do_not_fit_are_refused_by_name) {
    const Inputs good = inputs_for(small_graph, 2, 3);
    const auto fails = [&](const Graph& graph, const Inputs& in, const std::string& part) {
        expect_error<ShapeError>([&] { attend(graph, in, DType::f64, 0.2); }, {"graph_attention:", part});
    };
    Graph fewer_edges = small_graph;
    fewer_edges.targets.pop_back();
    fails(fewer_edges, good, "groupings of the same edges");
    const Grouping sources = make_grouping(reference(), small_graph.sources, 4),
                   targets = make_grouping(reference(), small_graph.targets, 3);
    const Tensor z = tensor({4, 2, 3}, good.z), s = tensor({4, 2}, good.source_score),
                 t = tensor({3, 2}, good.target_score);
    const auto refused = [&](const Tensor& a, const Tensor& b, const Tensor& c) {
        expect_error<ShapeError>(
            [&] { graph_attention(a, b, c, {}, sources, targets, 0.2); },
            {"graph_attention:", to_string(a.shape()), to_string(b.shape()), to_string(c.shape())});
    };
    refused(t, s, t);
    refused(tensor({3, 2, 1}, numbers({6})), s, t);
    refused(z, t, t);
    refused(z, s, s);
    refused(z, tensor({4, 1}, numbers({4})), t);
    for (const double probability : {-0.5, 1.5, nan})
        expect_error<ShapeError>([&] { draw_kept_coefficients(site(), 10, probability); },
                                 {"draw_kept_coefficients:", "from 0 to 1"});
    for (const Shape& bias : {Shape{6}, Shape{2, 4}, Shape{1}})
        expect_error<ShapeError>(
            [&] {
                graph_attention(z, s, t, zeros_like(full(reference(), bias, 0, DType::f64)), sources, targets, 0.2);
            },
            {"graph_attention:", "a bias [H, F]", to_string(bias)});
    Grouping short_order = targets;
    short_order.order = narrow(targets.order, 0, 1, targets.entries());
    expect_error<ShapeError>([&] { graph_attention(z, s, t, {}, sources, short_order, 0.2); },
                             {"graph_attention:", "a grouping"});
    const Tensor single = tensor({4, 2}, good.source_score, DType::f32);
    expect_error<TypeError>([&] { graph_attention(z, single, t, {}, sources, targets, 0.2); },
                            {"graph_attention:", "f64 and f32"});
    expect_error<TypeError>(
        [&] {
            graph_attention(z, s, t, {}, {s, s, s}, targets, 0.2);
        },
        {"graph_attention:", "i32 for input 5", "f64"});
}

BOOST_AUTO_TEST_CASE(gradient_of_outputs_that_do_not_fit_is_refused_with_their_shapes) {
    const OpDef& op = find_op("graph_attention_gradient");
    SampleSource source(reference(), DType::f64);
    const Sample sample = op.samples(source).front();
    for (const std::size_t wrong : {5, 6, 7}) {
        Tensors inputs = sample.inputs;
        inputs[wrong] = tensor({1, 1, 1, 1, 1}, {0});
        const std::string got = fmt::format("got {}, {}, {}", to_string(inputs[5].shape()),
                                            to_string(inputs[6].shape()), to_string(inputs[7].shape()));
        expect_error<ShapeError>([&] { apply(op, inputs, sample.attributes); }, {"graph_attention_gradient:", got});
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
