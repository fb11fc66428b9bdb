// The error that is allowed, from what the reference met on its way; and comparisons by it.
#include "tools/conformance/traced_calls.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "backends/loader.hpp"
#include "tools/conformance/kernel_cases.hpp"

namespace tapegrad::testing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

Trace trace_of(DType judged, const std::function<void(const BackendPtr&)>& computation) {
    static const FoundPlugin found = load_plugin(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so");
    TracedCalls traced;
    const BackendPtr backend = Backend::open(*found.plugin, 1, &traced);
    traced.begin(judged);
    computation(backend);
    return traced.trace();
}

Tensor tensor(const BackendPtr& backend, const Shape& shape, const std::vector<double>& values) {
    return from_values(backend, shape, values, DType::f64);
}

Tensor halves(const BackendPtr& backend, const Shape& shape) {
    return tensor(backend, shape, std::vector<double>(static_cast<std::size_t>(element_count(shape)), 0.5));
}

// A trace by which every element may be off by `allowed`.
Trace allowing(double allowed) {
    return {.dtype = DType::f64,
            .roundings = 1,
            .largest = std::ldexp(allowed, 53),
            .is_exact = false,
            .only_copies = false};
}

BOOST_AUTO_TEST_SUITE(tools_conformance_traced_calls)

BOOST_AUTO_TEST_CASE(sums_and_products_of_whole_numbers_are_exact) {
    const Trace trace = trace_of(DType::f32, [](const BackendPtr& b) {
        const Tensor x = tensor(b, {2, 2}, {1, -2, 3, 4});
        sum(matmul(x, x) + x * 3.0);
    });
    BOOST_TEST(trace.is_exact);
    BOOST_TEST(trace.allowed_at(0) == 0);
}

BOOST_AUTO_TEST_CASE(fractions_functions_and_whole_numbers_beyond_the_dtype_are_not) {
    const auto is_exact = [](DType dtype, double value, Tensor (*function)(const Tensor&)) {
        return trace_of(dtype, [&](const BackendPtr& b) { function(tensor(b, {2}, {value, value})); }).is_exact;
    };
    const auto twice = [](const Tensor& x) { return x + x; };
    const auto total = [](const Tensor& x) { return sum(x, {}); };
    BOOST_TEST(is_exact(DType::f32, 8388607, twice));
    BOOST_TEST(!is_exact(DType::f32, 8388608, twice));
    BOOST_TEST(is_exact(DType::f64, 8388608, twice));
    BOOST_TEST(!is_exact(DType::f32, 0.5, twice));
    BOOST_TEST(!is_exact(DType::f32, 0, [](const Tensor& x) { return exp(x); }));
    BOOST_TEST(!is_exact(DType::f32, 8388608, total));
    BOOST_TEST(!is_exact(DType::f32, nan, twice));
}

BOOST_AUTO_TEST_CASE(the_magnitudes_of_the_terms_of_a_sum_count_not_their_sum) {
    const Trace trace = trace_of(DType::f64, [](const BackendPtr& b) {
        sum(tensor(b, {4}, {1e3, -1e3, 1e3, -999.5}));
    });
    BOOST_TEST(trace.largest == 3999.5);
    // 2 for the kernel and 3 for four terms, in units of 2^-53.
    BOOST_TEST(trace.roundings == 5);
    BOOST_TEST(std::abs(trace.allowed_at(0) - 5 * 3999.5 * std::ldexp(1, -53)) < 1e-25);
}

BOOST_AUTO_TEST_CASE(the_longest_segment_and_the_inner_extent_of_a_product_count) {
    const auto roundings = [](const std::function<void(const BackendPtr&)>& computation) {
        return trace_of(DType::f64, computation).roundings - 2;
    };
    BOOST_TEST(roundings([](const BackendPtr& b) {
                   const std::vector<std::int32_t> index = {0, 2, 2, 2, 0};
                   scatter_sum(halves(b, {5, 2}), make_grouping(b, index, 3));
               }) == 2);
    BOOST_TEST(roundings([](const BackendPtr& b) { matmul(halves(b, {2, 7}), halves(b, {7, 3})); }) == 6);
    BOOST_TEST(roundings([](const BackendPtr& b) { matmul(halves(b, {7, 2}), halves(b, {7, 3}), true); }) == 6);
}

BOOST_AUTO_TEST_CASE(magnitudes_by_element_take_the_place_of_the_largest_number) {
    Trace trace = allowing(1);
    trace.roundings = 8;
    trace.amplification = 50;
    trace.magnitude_at = {1, 1e-3};
    const double unit = std::ldexp(1, -53);
    BOOST_TEST(std::abs(trace.allowed_at(0) / (8 * unit) - 1) < 1e-12);
    BOOST_TEST(std::abs(trace.allowed_at(1) / (8e-3 * unit) - 1) < 1e-12);
    BOOST_TEST(std::abs(trace.allowed_at(2) / 58 - 1) < 1e-12);
}

BOOST_AUTO_TEST_CASE(an_exponential_amplifies_the_error_of_its_argument) {
    const Trace trace = trace_of(DType::f64, [](const BackendPtr& b) { exp(tensor(b, {3}, {-7, 2, 800})); });
    BOOST_TEST(trace.roundings == 8);
    BOOST_TEST(trace.amplification == 7);  // e^800 is infinite, whatever the error
}

BOOST_AUTO_TEST_CASE(what_only_selects_or_moves_elements_is_exact) {
    const auto roundings = [](Tensor (*function)(const Tensor&)) {
        return trace_of(DType::f32, [&](const BackendPtr& b) { function(tensor(b, {2}, {0.1, 1e30})); }).roundings;
    };
    BOOST_TEST(roundings([](const Tensor& x) { return maximum(x, scalar_like(x, 0.5)); }) == 0);
    BOOST_TEST(roundings([](const Tensor& x) { return maximum(x, scalar_like(x, 0.1)); }) == 2);  // f32 has no 0.1
    BOOST_TEST(trace_of(DType::f32, [](const BackendPtr& b) { transpose(tensor(b, {2, 1}, {0.1, 1})); }).only_copies);
    const Trace moved{.only_copies = true};
    BOOST_TEST(compare_elements({0.0}, {-0.0}, moved).mismatch.has_value());
    BOOST_TEST(!compare_elements({0.0}, {-0.0}, allowing(1)).mismatch);
}

BOOST_AUTO_TEST_CASE(every_mandatory_kernel_is_known_to_round_in_some_way_and_has_cases) {
    for (const MandatoryKernel& kernel : mandatory_kernels()) {
        BOOST_CHECK_NO_THROW(kind_of(kernel.name));
        BOOST_TEST(std::ranges::count(kernel_topics(), kernel.name, &KernelTopic::name) == 1, kernel.name);
    }
    BOOST_TEST(kernel_topics().size() == mandatory_kernels().size());
    BOOST_CHECK_THROW(kind_of("elu"), IndexError);
}

BOOST_AUTO_TEST_CASE(kernels_that_an_extension_brings_for_the_reference_do_not_judge) {
    TracedCalls traced;
    BOOST_TEST(traced.offers(KernelId("add"), DType::f32));
    BOOST_TEST(!traced.offers(KernelId("elu"), DType::f32));
}

BOOST_AUTO_TEST_CASE(elements_within_the_allowed_error_pass_and_others_are_named) {
    const Comparison comparison = compare_elements({1, 2 + 1e-10, 3 + 3e-9}, {1, 2, 3}, allowing(1e-9));
    BOOST_TEST(std::abs(comparison.worst - 3) < 1e-3);
    BOOST_REQUIRE(comparison.mismatch.has_value());
    BOOST_TEST(comparison.mismatch->element == 2);
    BOOST_TEST(comparison.mismatch->wanted == 3);
    BOOST_TEST(!compare_elements({1 + 9e-10}, {1}, allowing(1e-9)).mismatch);
}

BOOST_AUTO_TEST_CASE(nan_wants_nan_and_infinity_the_same_infinity) {
    const auto passes = [](double got, double wanted, NonFinite non_finite = NonFinite::same) {
        return !compare_elements({got}, {wanted}, allowing(1e-9), {}, non_finite).mismatch;
    };
    BOOST_TEST(passes(nan, nan));
    BOOST_TEST(!passes(1, nan));
    BOOST_TEST(!passes(nan, 1));
    BOOST_TEST(passes(infinity, infinity));
    BOOST_TEST(!passes(-infinity, infinity));
    BOOST_TEST(!passes(nan, infinity));
    BOOST_TEST(!passes(1e300, infinity));
    BOOST_TEST(!passes(infinity, 1e300));
    BOOST_TEST(passes(nan, infinity, NonFinite::any));
    BOOST_TEST(!passes(1, infinity, NonFinite::any));
    BOOST_TEST(!passes(infinity, 1, NonFinite::any));
}

BOOST_AUTO_TEST_CASE(beyond_the_range_of_f32_infinity_will_do) {
    Trace trace = allowing(1);
    trace.dtype = DType::f32;
    const auto passes = [&](double got, double wanted) { return !compare_elements({got}, {wanted}, trace).mismatch; };
    BOOST_TEST(passes(infinity, 1e39));
    BOOST_TEST(passes(-infinity, -1e39));
    BOOST_TEST(passes(double{std::numeric_limits<float>::max()}, 1e39));
    BOOST_TEST(!passes(-infinity, 1e39));
    BOOST_TEST(!passes(1e38, 1e39));
    BOOST_TEST(!passes(infinity, 1e38));
}

BOOST_AUTO_TEST_CASE(what_the_dtype_itself_gives_is_right_too) {
    BOOST_TEST(!compare_elements({infinity}, {2}, allowing(1), {infinity}).mismatch);
    BOOST_TEST(compare_elements({infinity}, {2}, allowing(1), {7}).mismatch.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
