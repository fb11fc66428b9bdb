#include "autograd/ops/reduce.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/kernel_log.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

using Reduction = Tensor (*)(const Tensor&, const Dims&, bool);

struct Named {
    const char* name;
    Reduction op;
};
constexpr Named reductions[] = {{"sum", sum}, {"mean", mean}, {"max", max}};

// All axes whose bit is set, every second of them counted from the back.
Dims axes_of(unsigned bits, std::size_t rank) {
    Dims axes;
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (bits >> axis & 1)
            axes.push_back(static_cast<std::int64_t>(axis) - static_cast<std::int64_t>(axis % 2 * rank));
    return axes;
}

// What each element of the result gathers, by loops.
struct Loops {
    std::vector<double> sums, largest;
    double count = 1;
};
Loops reduce_by_loops(const Shape& shape, const std::vector<double>& x, const Shape& kept) {
    const auto size = static_cast<std::size_t>(element_count(kept));
    Loops result{std::vector<double>(size), std::vector<double>(size, -infinity)};
    for (const Index& index : indices(shape)) {
        const std::size_t to = position(kept, index);
        result.sums[to] += x[position(shape, index)];
        result.largest[to] = std::max(result.largest[to], x[position(shape, index)]);
    }
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (kept[axis] != shape[axis]) result.count *= static_cast<double>(shape[axis]);
    return result;
}

void check_every_subset_of_axes(const Shape& shape, DType dtype) {
    const Tensor x = tensor(shape, numbers(shape), dtype);
    for (unsigned bits = 0; bits < 1u << shape.rank(); ++bits) {
        const Dims axes = axes_of(bits, shape.rank());
        Shape kept = shape, dropped;
        for (std::size_t axis = 0; axis < shape.rank(); ++axis)
            if (axes.empty() || bits >> axis & 1)
                kept[axis] = 1;
            else
                dropped.push_back(shape[axis]);
        BOOST_TEST_CONTEXT(to_string(dtype) << to_string(shape) << " over " << to_string(axes)) {
            const Loops wanted = reduce_by_loops(shape, numbers(shape), kept);
            std::vector<double> means = wanted.sums;
            for (double& mean_of_group : means) mean_of_group /= wanted.count;
            for (const auto& [keep_axes, result] : {std::pair{true, kept}, std::pair{false, dropped}}) {
                BOOST_TEST(approximately(sum(x, axes, keep_axes), result, wanted.sums));
                BOOST_TEST(approximately(mean(x, axes, keep_axes), result, means));
                BOOST_TEST(approximately(max(x, axes, keep_axes), result, wanted.largest));
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE(autograd_ops_reduce)

BOOST_AUTO_TEST_CASE(every_subset_of_the_axes_gives_what_loops_give) {
    for (const DType dtype : float_types)
        for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{3, 5}, Shape{4, 3, 5}, Shape{2, 3, 1, 2, 3, 2}})
            check_every_subset_of_axes(shape, dtype);
}

BOOST_AUTO_TEST_CASE(neighbouring_axes_are_reduced_by_one_kernel) {
    KernelLog log;
    const Tensor x = full(log.backend(), {2, 3, 4, 5}, 1);
    log.take();
    sum(x);
    BOOST_TEST(log.take() == "reduce_sum [1, 1]");
    sum(x, {0, 1});
    BOOST_TEST(log.take() == "reduce_sum [1, 20]");
    max(x, {1, 2});
    BOOST_TEST(log.take() == "reduce_max [2, 5]");
    sum(x, {0, 2, 3});
    BOOST_TEST(log.take() == "reduce_sum [6, 1], reduce_sum [1, 3]");
}

BOOST_AUTO_TEST_CASE(nothing_sums_to_zero_and_has_no_mean_and_no_maximum) {
    const Tensor x = tensor({2, 0, 3}, {});
    BOOST_TEST(approximately(sum(x), {}, {0}));
    BOOST_TEST(approximately(sum(x, {1}), {2, 3}, {0, 0, 0, 0, 0, 0}));
    BOOST_TEST(approximately(sum(x, {0}), {0, 3}, {}));
    BOOST_TEST(approximately(mean(x, {1, 2}), {2}, {nan, nan}));
    BOOST_TEST(approximately(max(x, {2}), {2, 0}, {}));
    BOOST_TEST(approximately(sum(full(reference(), {std::int64_t{1} << 40, 3, 0}, 1), {0, 2}), {3}, {0, 0, 0}));
    expect_error<ShapeError>([&] { max(x); }, {"max:", "[2, 0, 3]"});
    expect_error<ShapeError>([&] { max(x, {1}); }, {"max:", "[2, 0, 3]"});
}

BOOST_AUTO_TEST_CASE(nan_and_infinities_stay_in_their_row) {
    for (const DType dtype : float_types) {
        const Tensor x =
            tensor({4, 3}, {1, nan, 2, infinity, -infinity, 0, -infinity, -infinity, -infinity, 1, 2, 3}, dtype);
        BOOST_TEST(approximately(sum(x, {1}), {4}, {nan, nan, -infinity, 6}));
        BOOST_TEST(approximately(mean(x, {1}), {4}, {nan, nan, -infinity, 2}));
        BOOST_TEST(approximately(max(x, {1}), {4}, {nan, infinity, -infinity, 3}));
        BOOST_TEST(approximately(max(x), {}, {nan}));
    }
}

BOOST_AUTO_TEST_CASE(equal_largest_elements_share_the_gradient) {
    const Tensor x = tensor({2, 3}, {3, 1, 3, 2, 2, 2});
    const double third = 1.0 / 3;
    const auto gradient_over = [&](const Dims& axes) {
        return gradient_of_sum([&](const Tensor& y) { return max(y, axes) * 6.0; }, x);
    };
    BOOST_TEST(approximately(gradient_over({1}), {2, 3}, {3, 0, 3, 2, 2, 2}));
    BOOST_TEST(approximately(gradient_over({0}), {2, 3}, {6, 0, 6, 0, 6, 0}));
    BOOST_TEST(approximately(gradient_over({}), {2, 3}, {3, 0, 3, 0, 0, 0}));
    BOOST_TEST(approximately(
        gradient_of_sum([](const Tensor& y) { return max(y); }, tensor({3}, {-infinity, -infinity, -infinity})), {3},
        {third, third, third}));
}

BOOST_AUTO_TEST_CASE(axes_out_of_range_and_integers_are_refused_by_name) {
    for (const Named& reduction : reductions) {
        const std::string name = std::string(reduction.name) + ":";
        const Tensor x = tensor({2, 3}, numbers({2, 3}));
        expect_error<ShapeError>([&] { reduction.op(x, {2}, false); }, {name, "-2 to 1", "2"});
        expect_error<ShapeError>([&] { reduction.op(x, {0, -3}, true); }, {name, "-3"});
        expect_error<ShapeError>([&] { reduction.op(tensor({}, {1}), {0}, false); }, {name, "0"});
        expect_error<TypeError>([&] { reduction.op(tensor({1}, {1}, DType::i32), {}, false); }, {name, "i32"});
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
