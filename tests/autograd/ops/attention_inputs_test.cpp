#include "autograd/ops/attention_inputs.hpp"

#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/dropout.hpp"
#include "autograd/ops/reduce.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

AttentionDropout dropout_of(double features, double coefficients) {
    return {features, coefficients, random_key(reference(), 5, 1), 4, 5};
}

struct Arguments {
    Tensor z = tensor({23, 2, 3}, numbers({23, 2, 3})), a_source = tensor({2, 3}, numbers({2, 3}, 1)),
           a_target = tensor({2, 3}, numbers({2, 3}, 2));
};

BOOST_AUTO_TEST_SUITE(autograd_ops_attention_inputs)

BOOST_AUTO_TEST_CASE(each_part_is_what_its_own_op_gives) {
    const Arguments in;
    const EndScores scores = attention_scores(in.z, in.a_source, in.a_target);
    for (const double features : {0.0, 0.6})
        for (const double coefficients : {0.0, 0.3}) {
            const AttentionDropout drop = dropout_of(features, coefficients);
            const AttentionInputs got = attention_inputs(in.z, in.a_source, in.a_target, 41, drop);
            BOOST_TEST(approximately(got.scores.source, {23, 2}, scores.source.values<double>()));
            BOOST_TEST(approximately(got.scores.target, {23, 2}, scores.target.values<double>()));
            const Tensor kept = features > 0 ? dropout(in.z, features, {drop.key, drop.feature_site}) : in.z;
            BOOST_TEST(approximately(got.kept_z, {23, 2, 3}, kept.values<double>()));
            BOOST_TEST(got.kept.mask.defined() == (coefficients > 0));
            if (coefficients == 0) continue;
            const KeptCoefficients alone = draw_kept_coefficients({drop.key, drop.coefficient_site}, 82, coefficients);
            BOOST_TEST(got.kept.scale == alone.scale);
            BOOST_TEST(got.kept.mask.values<std::int32_t>() == alone.mask.values<std::int32_t>(),
                       boost::test_tools::per_element());
        }
}

BOOST_AUTO_TEST_CASE(gradients_are_those_of_the_parts_added) {
    const Arguments in;
    const AttentionDropout drop = dropout_of(0.6, 0.3);
    const Tensor of_source = tensor({23, 2}, numbers({23, 2}, 3)), of_kept = tensor({23, 2, 3}, numbers({23, 2, 3}, 4));
    const auto gradients = [&](const auto& parts) {
        Tape tape;
        for (const Tensor& x : {in.z, in.a_source, in.a_target}) tape.watch(x);
        const auto [source, kept] = parts();
        return tape.gradient(sum(source * of_source) + sum(kept * of_kept), {in.z, in.a_source, in.a_target});
    };
    const auto together = gradients([&] {
        const AttentionInputs all = attention_inputs(in.z, in.a_source, in.a_target, 41, drop);
        return std::pair(all.scores.source, all.kept_z);
    });
    const auto apart = gradients([&] {
        return std::pair(attention_scores(in.z, in.a_source, in.a_target).source,
                         dropout(in.z, 0.6, {drop.key, drop.feature_site}));
    });
    for (std::size_t i = 0; i < 3; ++i)
        BOOST_TEST(approximately(together[i], apart[i].shape(), apart[i].values<double>()), "input " << i);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
    const Arguments in;
    for (const double probability : {-0.5, 1.5, nan}) {
        expect_error<ShapeError>(
            [&] { attention_inputs(in.z, in.a_source, in.a_target, 41, dropout_of(probability, 0.5)); },
            {"attention_inputs:", "from 0 to 1"});
        expect_error<ShapeError>(
            [&] { attention_inputs(in.z, in.a_source, in.a_target, 41, dropout_of(0.5, probability)); },
            {"attention_inputs:", "from 0 to 1"});
    }
    for (const double features : {0.0, 0.5})
        expect_error<ShapeError>(
            [&] { attention_inputs(in.a_source, in.a_source, in.a_target, 41, dropout_of(features, 0.5)); },
            {"[2, 3], [2, 3], [2, 3]"});
    expect_error<ShapeError>([&] { attention_inputs(in.z, in.a_source, in.a_target, -1, dropout_of(0.5, 0.5)); },
                             {"attention_inputs:", "a number of edges", "-1"});
    const std::int64_t many_heads = std::int64_t{1} << 34;
    const Tensor vectors = full(reference(), {many_heads, 0}, 1), z = full(reference(), {0, many_heads, 0}, 1);
    for (const double features : {0.0, 0.5})
        expect_error<ShapeError>(
            [&] { attention_inputs(z, vectors, vectors, std::int64_t{1} << 30, dropout_of(features, 0.5)); },
            {"at most 2^59 elements", "[1073741824, 17179869184]"});
    expect_error<ShapeError>(  // with nothing to draw, too
        [&] { attention_inputs(z, vectors, vectors, std::int64_t{1} << 30, dropout_of(0.5, 0)); },
        {"at most 2^59 elements"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
