#include "autograd/samples.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_samples)

BOOST_AUTO_TEST_CASE(samples_have_the_shape_and_dtype_asked_for) {
    for (const DType dtype : float_types) {
        SampleSource source(reference(), dtype);
        for (const Tensor& x : {source.normal({2, 3}), source.uniform({2, 3}, 0, 1), source.distinct({2, 3}),
                                source.normal_away_from({2, 3}, {0}), source.constant({2, 3}, 1)}) {
            BOOST_TEST((x.shape() == Shape{2, 3}));
            BOOST_TEST((x.dtype() == dtype));
        }
    }
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_samples_and_others_do_not) {
    const auto drawn = [](std::uint64_t seed) {
        SampleSource source(reference(), DType::f64, seed);
        return source.normal({50}).values<double>();
    };
    BOOST_TEST(drawn(4) == drawn(4), boost::test_tools::per_element());
    BOOST_TEST(drawn(4) != drawn(5));
}

BOOST_AUTO_TEST_CASE(kinks_are_kept_away_from) {
    SampleSource source(reference(), DType::f64);
    int negative = 0;
    for (const double x : source.normal_away_from({1000}, {0, 1}).values<double>()) {
        BOOST_TEST((std::abs(x) > 0.1 && std::abs(x - 1) > 0.1));
        negative += x < 0;
    }
    BOOST_TEST((negative > 400 && negative < 700), "both sides of the kinks are drawn");
}

BOOST_AUTO_TEST_CASE(distinct_values_differ_by_a_tenth_at_least_and_are_shuffled) {
    SampleSource source(reference(), DType::f64);
    std::vector<double> values = source.distinct({10, 10}).values<double>();
    BOOST_TEST(!std::ranges::is_sorted(values));
    std::ranges::sort(values);
    for (std::size_t i = 1; i < values.size(); ++i) BOOST_TEST(values[i] - values[i - 1] > 0.0999);
}

BOOST_AUTO_TEST_CASE(uniform_values_and_integers_stay_in_their_ranges) {
    SampleSource source(reference(), DType::f64);
    for (const double x : source.uniform({1000}, 0.5, 2).values<double>()) BOOST_TEST((x >= 0.5 && x < 2));
    std::vector<std::int32_t> integers = source.integers({1000}, 5).values<std::int32_t>();
    BOOST_TEST(std::ranges::min(integers) == 0);
    BOOST_TEST(std::ranges::max(integers) == 4);
}

BOOST_AUTO_TEST_CASE(groupings_have_the_entries_and_groups_asked_for) {
    SampleSource source(reference(), DType::f64);
    const Grouping grouping = source.grouping(20, 7);
    BOOST_TEST(grouping.entries() == 20);
    BOOST_TEST(grouping.groups() == 7);
}

BOOST_AUTO_TEST_CASE(inputs_of_a_variadic_op_are_counted_from_0_behind_its_last_name) {
    const OpDef two = {.name = "two", .inputs = {"x", "y"}}, many = {.name = "many", .inputs = {"x", "part..."}};
    BOOST_TEST(input_name(two, 0) == "x");
    BOOST_TEST(input_name(two, 1) == "y");
    BOOST_TEST(input_name(many, 0) == "x");
    BOOST_TEST(input_name(many, 1) == "part[0]");
    BOOST_TEST(input_name(many, 2) == "part[1]");
    BOOST_TEST(input_name({.name = "undeclared"}, 2) == "2");
}

BOOST_AUTO_TEST_CASE(a_call_is_described_by_its_inputs_and_its_attributes) {
    const OpDef op = {.name = "two", .inputs = {"x", "y"}};
    const Tensors inputs = {tensor({2, 3}, std::vector<double>(6)), tensor({}, {1}, DType::f32)};
    const Attributes attributes = {{"alpha", 0.5}, {"axis", std::int64_t{1}}};
    BOOST_TEST(describe_call(op, inputs, attributes) == "x f64 [2, 3], y f32 [], alpha=0.5, axis=1");
    BOOST_TEST(describe_call(op, inputs, {}) == "x f64 [2, 3], y f32 []");
    BOOST_TEST(describe_call(op, {}, attributes) == "alpha=0.5, axis=1");
}

BOOST_AUTO_TEST_CASE(keys_are_keys_and_differ) {
    SampleSource source(reference(), DType::f64);
    const Tensor first = source.key(), second = source.key();
    BOOST_TEST((first.shape() == Shape{3}));
    BOOST_TEST((first.dtype() == DType::i32));
    BOOST_TEST(first.values<std::int32_t>() != second.values<std::int32_t>());
}

BOOST_AUTO_TEST_SUITE_END()
