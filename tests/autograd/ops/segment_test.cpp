#include "autograd/ops/segment.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

using Groups = std::vector<std::int32_t>;

Grouping grouping(const Groups& index, std::int64_t groups) { return make_grouping(reference(), index, groups); }

// Rows of `width` numbers, reduced group by group by plain loops.
struct Loops {
    std::size_t width;
    std::vector<double> sums, largest, counts;
};
Loops loop_over_groups(const std::vector<double>& x, std::size_t width, const Groups& index, std::int64_t groups) {
    const std::size_t size = static_cast<std::size_t>(groups) * width;
    Loops result{width, std::vector<double>(size), std::vector<double>(size, -infinity), std::vector<double>(size)};
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t to = static_cast<std::size_t>(index[i / width]) * width + i % width;
        result.sums[to] += x[i];
        result.largest[to] = std::max(result.largest[to], x[i]);
        result.counts[to] += 1;
    }
    return result;
}

void check_against_loops(const Groups& index, std::int64_t groups, const Shape& row, DType dtype) {
    const Grouping by = grouping(index, groups);
    Shape entries = row, reduced = row;
    entries.insert(0, by.entries());
    reduced.insert(0, groups);
    const auto width = static_cast<std::size_t>(element_count(row));
    const std::vector<double> x = numbers(entries), nodes = numbers(reduced, 3);
    const Loops loops = loop_over_groups(x, width, index, groups);
    std::vector<double> gathered, means, largest, softmax, totals(loops.sums.size());
    const auto group_of = [&](std::size_t i) { return static_cast<std::size_t>(index[i / width]) * width + i % width; };
    for (std::size_t i = 0; i < x.size(); ++i) gathered.push_back(nodes[group_of(i)]);
    for (std::size_t s = 0; s < loops.sums.size(); ++s) {
        means.push_back(loops.counts[s] == 0 ? 0 : loops.sums[s] / loops.counts[s]);
        largest.push_back(loops.counts[s] == 0 ? 0 : loops.largest[s]);
    }
    for (std::size_t i = 0; i < x.size(); ++i) totals[group_of(i)] += std::exp(x[i]);
    for (std::size_t i = 0; i < x.size(); ++i) softmax.push_back(std::exp(x[i]) / totals[group_of(i)]);

    const Tensor data = tensor(entries, x, dtype);
    BOOST_TEST(approximately(gather(tensor(reduced, nodes, dtype), by), entries, gathered));
    BOOST_TEST(approximately(scatter_sum(data, by), reduced, loops.sums));
    BOOST_TEST(approximately(scatter_mean(data, by), reduced, means));
    BOOST_TEST(approximately(scatter_max(data, by), reduced, largest));
    BOOST_TEST(approximately(scatter_softmax(data, by), entries, softmax));
}

struct Scatter {
    const char* name;
    Tensor (*op)(const Tensor&, const Grouping&);
};
constexpr Scatter scatters[] = {{"scatter_sum:", scatter_sum},
                                {"scatter_mean:", scatter_mean},
                                {"scatter_max:", scatter_max},
                                {"scatter_softmax:", scatter_softmax}};

BOOST_AUTO_TEST_SUITE(autograd_ops_segment)

BOOST_AUTO_TEST_CASE(all_ops_give_what_loops_over_the_groups_give) {
    Groups many;
    for (std::int32_t i = 0; i < 211; ++i) many.push_back(i * 37 % 53);
    for (const DType dtype : float_types)
        for (const Shape& row : {Shape{}, Shape{1}, Shape{3}, Shape{2, 1, 2, 2, 2}, Shape{0}}) {
            check_against_loops({2, 0, 2, 2, 0}, 4, row, dtype);
            check_against_loops({0, 0, 0}, 1, row, dtype);
            check_against_loops({1, 0, 1, 2}, 3, row, dtype);
            check_against_loops({}, 3, row, dtype);
            check_against_loops({}, 0, row, dtype);
            check_against_loops(many, 60, row, dtype);
        }
}

BOOST_AUTO_TEST_CASE(gather_takes_integers_too) {
    BOOST_TEST(approximately(gather(tensor({3}, {7, 8, 9}, DType::i32), grouping({2, 2, 0}, 3)), {3}, {9, 9, 7}));
}

BOOST_AUTO_TEST_CASE(gather_and_scatter_sum_undo_each_other) {
    // Through a permutation they are inverse; in general the sum of what was gathered counts each row's entries.
    const Tensor x = tensor({4, 2}, numbers({4, 2}));
    const Grouping permutation = grouping({2, 0, 3, 1}, 4), by = grouping({1, 3, 1, 1}, 4);
    BOOST_TEST(approximately(scatter_sum(gather(x, permutation), permutation), {4, 2}, numbers({4, 2})));
    BOOST_TEST(approximately(gather(scatter_sum(x, permutation), permutation), {4, 2}, numbers({4, 2})));
    const Tensor ones = tensor({4}, {1, 1, 1, 1});
    BOOST_TEST(approximately(scatter_sum(gather(ones, by), by), {4}, {0, 3, 0, 1}));
    // Each is the other's gradient.
    const Tensor weights = tensor({4}, {1, 10, 100, 1000});
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return gather(y, by) * weights; }, ones), {4},
                             {0, 1101, 0, 10}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return scatter_sum(y, by) * weights; }, ones), {4},
                             {10, 1000, 10, 10}));
}

BOOST_AUTO_TEST_CASE(equal_largest_entries_share_the_gradient) {
    const Grouping by = grouping({0, 1, 0, 1, 0, 2}, 4);
    const Tensor x = tensor({6}, {5, 1, 5, 2, 3, 7});
    BOOST_TEST(approximately(scatter_max(x, by), {4}, {5, 2, 7, 0}));
    BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return scatter_max(y, by) * 6.0; }, x), {6},
                             {3, 0, 3, 6, 0, 6}));
}

BOOST_AUTO_TEST_CASE(a_group_of_minus_infinities_gives_zeros_and_takes_no_gradient) {
    for (const DType dtype : float_types) {
        const Grouping by = grouping({0, 1, 0, 1, 3}, 5);
        const Tensor x = tensor({5}, {-infinity, 2, -infinity, -infinity, -1}, dtype);
        BOOST_TEST(approximately(scatter_max(x, by), {5}, {0, 2, 0, -1, 0}));
        BOOST_TEST(approximately(scatter_softmax(x, by), {5}, {0, 1, 0, 0, 1}));
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return scatter_max(y, by); }, x), {5},
                                 {0, 1, 0, 0, 1}));
        const Tensor weights = tensor({5}, {1, 2, 3, 4, 5}, dtype);
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& y) { return scatter_softmax(y, by) * weights; }, x),
                                 {5}, {0, 0, 0, 0, 0}));
    }
}

BOOST_AUTO_TEST_CASE(a_group_with_nan_keeps_it_to_itself) {
    for (const DType dtype : float_types) {
        const Grouping by = grouping({0, 1, 0, 1}, 2);
        const Tensor x = tensor({4}, {nan, 3, 1, 3}, dtype);
        BOOST_TEST(approximately(scatter_sum(x, by), {2}, {nan, 6}));
        BOOST_TEST(approximately(scatter_mean(x, by), {2}, {nan, 3}));
        BOOST_TEST(approximately(scatter_max(x, by), {2}, {nan, 3}));
        BOOST_TEST(approximately(scatter_softmax(x, by), {4}, {nan, 0.5, nan, 0.5}));
    }
}

BOOST_AUTO_TEST_CASE(softmax_survives_huge_scores_and_never_leaks_between_groups) {
    const Grouping by = grouping({0, 1, 0, 1, 2, 2, 3}, 4);
    const Tensor x = tensor({7}, {1e30, -1e30, 1e30, -1e30, -1e30, 1e30, 3}, DType::f32);
    BOOST_TEST(approximately(scatter_softmax(x, by), {7}, {0.5, 0.5, 0.5, 0.5, 0, 1, 1}));
    // The scores of one group change; not one bit of another group's share does.
    const Tensor y = tensor({7}, {1e30, 0.1, -7, 0.7, -1e30, 1e30, 3}, DType::f32),
                 z = tensor({7}, {5, 0.1, 1e30, 0.7, infinity, 2, nan}, DType::f32);
    const std::vector<float> first = scatter_softmax(y, by).values<float>(),
                             second = scatter_softmax(z, by).values<float>();
    BOOST_TEST(first[1] == second[1]);
    BOOST_TEST(first[3] == second[3]);
}

BOOST_AUTO_TEST_CASE(data_that_does_not_fit_the_grouping_is_refused_by_name) {
    const Grouping by = grouping({1, 0, 1}, 2);
    const Tensor wrong = tensor({4, 5}, numbers({4, 5})), scalar = tensor({}, {1}),
                 integers = tensor({3}, {1, 2, 3}, DType::i32);
    expect_error<ShapeError>([&] { gather(wrong, by); }, {"gather:", "2", "[4, 5]"});
    expect_error<ShapeError>([&] { gather(scalar, by); }, {"gather:", "[]"});
    for (const Scatter& scatter : scatters) {
        expect_error<ShapeError>([&] { scatter.op(wrong, by); }, {scatter.name, "3", "[4, 5]"});
        expect_error<ShapeError>([&] { scatter.op(scalar, by); }, {scatter.name, "[]"});
        expect_error<ShapeError>([&] { scatter.op(scalar, grouping({}, 2)); }, {scatter.name, "0 here", "[]"});
        expect_error<TypeError>([&] { scatter.op(integers, by); }, {scatter.name, "i32"});
        const Tensor x = tensor({3}, {1, 2, 3});
        expect_error<TypeError>(
            [&] {
                scatter.op(x, {x, by.order, by.offsets});
            },
            {scatter.name, "i32 for input 1", "f64"});
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
