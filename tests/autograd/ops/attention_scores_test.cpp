#include "autograd/ops/attention_scores.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

BOOST_AUTO_TEST_SUITE(autograd_ops_attention_scores)

BOOST_AUTO_TEST_CASE(each_head_is_multiplied_with_its_own_vectors) {
    for (const DType dtype : float_types) {
        // Two nodes, two heads of two features.
        const Tensor z = tensor({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, dtype);
        const Tensor a_source = tensor({2, 2}, {1, 10, 100, 1000}, dtype);
        const Tensor a_target = tensor({2, 2}, {1, 0, 0, -1}, dtype);
        const EndScores scores = attention_scores(z, a_source, a_target);
        BOOST_TEST(approximately(scores.source, {2, 2}, {21, 4300, 65, 8700}));
        BOOST_TEST(approximately(scores.target, {2, 2}, {1, -4, 5, -8}));
    }
}

BOOST_AUTO_TEST_CASE(gradients_worked_by_hand) {
    const Tensor z = tensor({2, 1, 2}, {1, 2, 3, 5}), a_source = tensor({1, 2}, {7, 11}),
                 a_target = tensor({1, 2}, {13, 17});
    Tape tape;
    for (const Tensor& x : {z, a_source, a_target}) tape.watch(x);
    const EndScores scores = attention_scores(z, a_source, a_target);
    // Weights 1 and 10 for the sources of the two nodes, 100 and 1000 for their targets.
    const Tensor loss = sum(scores.source * tensor({2, 1}, {1, 10})) + sum(scores.target * tensor({2, 1}, {100, 1000}));
    const std::vector<Tensor> gradients = tape.gradient(loss, {z, a_source, a_target});
    BOOST_TEST(approximately(gradients[0], {2, 1, 2}, {7 + 1300, 11 + 1700, 70 + 13000, 110 + 17000}));
    BOOST_TEST(approximately(gradients[1], {1, 2}, {1 + 30, 2 + 50}));
    BOOST_TEST(approximately(gradients[2], {1, 2}, {100 + 3000, 200 + 5000}));
}

BOOST_AUTO_TEST_CASE(one_of_both_scores_may_go_unused) {
    const Tensor z = tensor({1, 1, 2}, {1, 2}), a = tensor({1, 2}, {3, 5}), unused = tensor({1, 2}, {7, 11});
    Tape tape;
    for (const Tensor& x : {z, a, unused}) tape.watch(x);
    const std::vector<Tensor> gradients = tape.gradient(sum(attention_scores(z, a, unused).source), {z, a, unused});
    BOOST_TEST(approximately(gradients[0], {1, 1, 2}, {3, 5}));
    BOOST_TEST(approximately(gradients[1], {1, 2}, {1, 2}));
    BOOST_TEST(approximately(gradients[2], {1, 2}, {0, 0}));
}

BOOST_AUTO_TEST_CASE(shapes_and_dtypes_that_do_not_fit_are_named) {
    const Tensor z = tensor({2, 3, 5}, numbers({30})), a = tensor({3, 5}, numbers({15}));
    const auto refused = [](const Tensor& x, const Tensor& source, const Tensor& target) {
        expect_error<ShapeError>(
            [&] { attention_scores(x, source, target); },
            {"attention_scores:", to_string(x.shape()), to_string(source.shape()), to_string(target.shape())});
    };
    refused(tensor({6, 5}, numbers({30})), a, a);
    refused(z, tensor({5, 3}, numbers({15})), a);
    refused(z, a, tensor({15}, numbers({15})));
    expect_error<TypeError>(
        [&] {
            attention_scores(z, a, tensor({3, 5}, numbers({15}), DType::f32));
        },
        {"attention_scores:", "f64 and f32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
