#include "autograd/ops/loss.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "autograd/errors.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

Tensor labels(const std::vector<double>& values) {
    return tensor({static_cast<std::int64_t>(values.size())}, values, DType::i32);
}

struct Named {
    const char* name;
    Tensor (*loss)(const Tensor&, const Tensor&);
};

BOOST_AUTO_TEST_SUITE(autograd_ops_loss)

BOOST_AUTO_TEST_CASE(nll_loss_is_minus_the_mean_at_the_labels) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({3, 2}, {-1, -2, -3, -4, -5, -7}, dtype), y = labels({1, 0, 1});
        BOOST_TEST(approximately(nll_loss(x, y), {}, {(2 + 3 + 7) / 3.0}));
        const double each = -1.0 / 3;
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& z) { return nll_loss(z, y); }, x), {3, 2},
                                 {0, each, each, 0, 0, each}));
    }
}

BOOST_AUTO_TEST_CASE(an_impossible_class_elsewhere_does_not_disturb) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({2, 2}, {-infinity, -0.5, -0.25, -infinity}, dtype);
        BOOST_TEST(approximately(nll_loss(x, labels({1, 0})), {}, {0.375}));
        BOOST_TEST(approximately(nll_loss(x, labels({0, 0})), {}, {infinity}));
        BOOST_TEST(approximately(gradient_of_sum(
                                     [](const Tensor& z) {
                                         return nll_loss(z, labels({1, 0}));
                                     },
                                     x),
                                 {2, 2}, {0, -0.5, -0.5, 0}));
        BOOST_TEST(approximately(cross_entropy(x, labels({1, 0})), {}, {0}));
        BOOST_TEST(approximately(gradient_of_sum(
                                     [](const Tensor& z) {
                                         return cross_entropy(z, labels({1, 0}));
                                     },
                                     x),
                                 {2, 2}, {0, 0, 0, 0}));
    }
}

BOOST_AUTO_TEST_CASE(cross_entropy_is_the_mean_log_probability_by_loops) {
    for (const DType dtype : float_types) {
        const Shape shape{5, 3};
        const std::vector<double> x = numbers(shape), y = {2, 0, 1, 1, 2};
        double loss = 0;
        std::vector<double> gradient;
        for (std::size_t i = 0; i < 5; ++i) {
            double total = 0;
            for (std::size_t k = 0; k < 3; ++k) total += std::exp(x[3 * i + k]);
            loss -= std::log(std::exp(x[3 * i + static_cast<std::size_t>(y[i])]) / total) / 5;
            for (std::size_t k = 0; k < 3; ++k)
                gradient.push_back((std::exp(x[3 * i + k]) / total - (y[i] == static_cast<double>(k) ? 1 : 0)) / 5);
        }
        const Tensor logits = tensor(shape, x, dtype);
        BOOST_TEST(approximately(cross_entropy(logits, labels(y)), {}, {loss}));
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& z) { return cross_entropy(z, labels(y)); }, logits),
                                 shape, gradient));
    }
    const Tensor certain = tensor({2, 2}, {1e30, -1e30, 1e30, -1e30}, DType::f32);
    BOOST_TEST(approximately(cross_entropy(certain, labels({0, 0})), {}, {0}));
    BOOST_TEST(approximately(cross_entropy(certain, labels({0, 1})), {}, {1e30}));
}

BOOST_AUTO_TEST_CASE(mse_loss_is_the_mean_square) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({2, 2}, {1, 2, 3, 4}, dtype), target = tensor({2, 2}, {1, 0, 6, 4}, dtype);
        BOOST_TEST(approximately(mse_loss(x, target), {}, {13 / 4.0}));
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& z) { return mse_loss(z, target); }, x), {2, 2},
                                 {0, 1, -1.5, 0}));
        BOOST_TEST(approximately(gradient_of_sum([&](const Tensor& z) { return mse_loss(x, z); }, target), {2, 2},
                                 {0, -1, 1.5, 0}));
    }
    BOOST_TEST(approximately(mse_loss(tensor({}, {3}), tensor({}, {1})), {}, {4}));
}

BOOST_AUTO_TEST_CASE(without_rows_the_number_of_classes_does_not_matter) {
    const Tensor none = tensor({0}, {}, DType::i32), few = tensor({0, 3}, {}),
                 many = full(reference(), {0, std::int64_t{1} << 40}, 1, DType::f64);
    BOOST_TEST(approximately(nll_loss(many, none), {}, nll_loss(few, none).values<double>()));
    BOOST_TEST(
        approximately(gradient_of_sum([&](const Tensor& x) { return nll_loss(x, none); }, many), many.shape(), {}));
}

BOOST_AUTO_TEST_CASE(labels_out_of_range_are_found_before_they_are_used) {
    BOOST_CHECK_NO_THROW(check_labels(labels({0, 2, 1}), 3));
    BOOST_CHECK_NO_THROW(check_labels(labels({}), 3));
    expect_error<IndexError>([] { check_labels(labels({0, 2, 3, 4}), 3); }, {"labels:", "0 to 2", "3 at row 2"});
    expect_error<IndexError>([] { check_labels(labels({0, -1}), 3); }, {"-1 at row 1"});
}

BOOST_AUTO_TEST_CASE(shapes_and_dtypes_that_do_not_fit_are_named) {
    const Tensor x = tensor({2, 3}, numbers({2, 3})), single = tensor({2, 3}, numbers({2, 3}), DType::f32);
    for (const Named& named : {Named{"nll_loss:", nll_loss}, Named{"cross_entropy:", cross_entropy}}) {
        expect_error<ShapeError>([&] { named.loss(x, labels({0, 1, 2})); }, {named.name, "[2, 3]", "[3]"});
        expect_error<ShapeError>([&] { named.loss(tensor({3}, {1, 2, 3}), labels({0, 1, 2})); }, {named.name, "[3]"});
        expect_error<ShapeError>([&] { named.loss(tensor({2, 0}, {}), labels({0, 1})); }, {named.name, "C at least 1"});
        expect_error<ShapeError>([&] { named.loss(x, tensor({2, 1}, {0, 1}, DType::i32)); }, {named.name, "[2, 1]"});
        expect_error<TypeError>([&] { named.loss(x, tensor({2}, {0, 1})); }, {named.name, "i32 for input 1", "f64"});
        expect_error<TypeError>([&] { named.loss(tensor({1, 1}, {0}, DType::i32), labels({0})); }, {named.name, "i32"});
    }
    expect_error<ShapeError>([&] { mse_loss(x, tensor({3}, {1, 2, 3})); }, {"mse_loss:", "[2, 3] and [3]"});
    expect_error<TypeError>([&] { mse_loss(x, single); }, {"mse_loss:", "f64 and f32"});
}

BOOST_AUTO_TEST_CASE(cross_entropy_of_rows_counts_a_row_as_often_as_it_is_listed) {
    const std::vector<double> x = {1, 2, -1, 0, 3, 0.5, 2, 2, 2};  // [3, 3]
    const std::vector<std::int32_t> rows = {2, 0, 2, 2};
    const std::vector<double> y = {0, 1, 2, 0};
    double loss = 0;
    std::vector<double> gradient(9);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t first = static_cast<std::size_t>(rows[r]) * 3, label = static_cast<std::size_t>(y[r]);
        double sum = 0;
        for (std::size_t c = 0; c < 3; ++c) sum += std::exp(x[first + c]);
        loss -= (x[first + label] - std::log(sum)) / 4;
        for (std::size_t c = 0; c < 3; ++c) gradient[first + c] += (std::exp(x[first + c]) / sum - (c == label)) / 4;
    }
    for (const DType dtype : float_types) {
        const Tensor logits = tensor({3, 3}, x, dtype);
        const Grouping grouping = make_grouping(reference(), rows, 3);
        BOOST_TEST(approximately(cross_entropy_of_rows(logits, grouping, labels(y)), {}, {loss}));
        BOOST_TEST(approximately(
            gradient_of_sum([&](const Tensor& z) { return cross_entropy_of_rows(z, grouping, labels(y)); }, logits),
            {3, 3}, gradient));
        expect_error<ShapeError>(
            [&] {
                cross_entropy_of_rows(logits, grouping, labels({0, 1, 2}));
            },
            {"cross_entropy_of_rows:", "[3, 3]", "one label for each"});
        expect_error<ShapeError>([&] { cross_entropy_of_rows(logits, make_grouping(reference(), rows, 4), labels(y)); },
                                 {"cross_entropy_of_rows:", "4 groups"});
    }
}

BOOST_AUTO_TEST_CASE(correct_of_rows_counts_rows_whose_first_largest_logit_is_at_their_label) {
    for (const DType dtype : float_types) {
        const Tensor logits =
            tensor({6, 3}, {1, 3, 2, 5, 5, 4, 0, 7, 7, -infinity, infinity, 1, NAN, 1, 2, 3, NAN, 1}, dtype);
        const std::vector<std::int32_t> rows = {0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 0};
        const Grouping grouping = make_grouping(reference(), rows, 6);
        // Right: row 0 at 1 (the first time), 1 at 0 but not at 1, 2 at 1 but not at 2, 3 at 1; none that holds a NaN.
        BOOST_TEST(
            approximately(correct_of_rows(logits, grouping, labels({1, 0, 1, 1, 2, 1, 0, 2, 0, 1, 2})), {}, {4}));
        BOOST_TEST(
            approximately(correct_of_rows(logits, grouping, labels({-1, 3, 7, -5, 3, 3, 3, 3, 3, 3, 3})), {}, {0}),
            "a label that is no class is met by no row");
        expect_error<ShapeError>(
            [&] {
                correct_of_rows(logits, grouping, labels({0, 1}));
            },
            {"correct_of_rows:", "one label for each"});
    }
}

BOOST_AUTO_TEST_CASE(cross_entropy_gradient_checks_its_inputs) {
    const OpDef& op = find_op("cross_entropy_gradient");
    const Tensor logits = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), labels = tensor({2}, {0, 1}, DType::i32);
    expect_error<ShapeError>(
        [&] {
            apply_one(op, {tensor({2}, {1, 1}), logits, labels});
        },
        {"cross_entropy_gradient", "shape []", "[2]"});
    expect_error<ShapeError>(
        [&] {
            apply_one(op, {tensor({}, {1}), logits, tensor({1}, {0}, DType::i32)});
        },
        {"cross_entropy_gradient", "[N, C], C at least 1, and labels [N]"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
