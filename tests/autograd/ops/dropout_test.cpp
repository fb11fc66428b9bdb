#include "autograd/ops/dropout.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/ops/indices.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

using Words = std::array<std::uint32_t, 4>;

RandomSite site(std::uint64_t seed = 7, std::uint32_t step = 3, std::int64_t call_site = 2) {
    return {random_key(reference(), seed, step), call_site};
}

std::vector<bool> bits_of(const Tensor& mask, std::int64_t count) {
    const std::vector<std::int32_t> words = mask.values<std::int32_t>();
    std::vector<bool> bits;
    for (std::int64_t i = 0; i < count; ++i)
        bits.push_back(static_cast<std::uint32_t>(words[static_cast<std::size_t>(i / 32)]) >> i % 32 & 1);
    return bits;
}

Tensor ones(std::int64_t count, DType dtype = DType::f32) { return full(reference(), {count}, 1, dtype); }

BOOST_AUTO_TEST_SUITE(autograd_ops_dropout)

BOOST_AUTO_TEST_CASE(the_mask_is_the_philox_stream_cut_in_16_bit_draws) {
    constexpr std::uint64_t seed = 0xfedcba9876543210;
    constexpr std::uint32_t step = 0x89abcdef;
    constexpr std::int64_t call_site = 11;
    for (const std::int64_t count : {0, 1, 7, 8, 31, 32, 33, 1009})
        for (const std::int64_t threshold : {0, 1, 26214, 65535, 65536}) {
            std::vector<double> wanted(static_cast<std::size_t>((count + 31) / 32));
            for (std::int64_t i = 0; i < count; ++i) {
                const Words words = philox({static_cast<std::uint32_t>(i / 8), 0, call_site, step},
                                           {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
                const std::uint32_t draw = words[static_cast<std::size_t>(i % 8 / 2)] >> 16 * (i % 2) & 0xffff;
                // The last bit of a word is the sign of its i32.
                if (draw < threshold)
                    wanted[static_cast<std::size_t>(i / 32)] += std::ldexp(i % 32 == 31 ? -1 : 1, i % 32);
            }
            BOOST_TEST_CONTEXT(count << " draws below " << threshold)
            BOOST_TEST(
                approximately(random_mask(site(seed, step, call_site), count, threshold), {(count + 31) / 32}, wanted));
        }
}

BOOST_AUTO_TEST_CASE(masked_scale_reads_one_bit_an_element) {
    // Bits 0, 2, 31 and 32.
    const Tensor mask = tensor({2}, {-2147483643.0, 1}, DType::i32);
    for (const DType dtype : float_types) {
        std::vector<double> x(34, 4), wanted(34);
        wanted[0] = wanted[2] = wanted[31] = wanted[32] = 6;
        x[1] = nan;
        x[33] = infinity;
        BOOST_TEST(approximately(masked_scale(tensor({34}, x, dtype), mask, 1.5), {34}, wanted));
        BOOST_TEST(approximately(masked_scale(tensor({2, 17}, x, dtype), mask, 1.5), {2, 17}, wanted));
    }
}

BOOST_AUTO_TEST_CASE(as_many_elements_as_asked_for_are_kept_and_scaled_exactly) {
    constexpr std::int64_t count = 200000;
    for (const double probability : {0.1, 0.5, 0.6, 0.99}) {
        // The probability of keeping that 16 bits can draw.
        const double keep = std::round((1 - probability) * 65536) / 65536;
        const std::vector<double> y = dropout(ones(count, DType::f64), probability, site()).values<double>();
        const auto kept = count - std::count(y.begin(), y.end(), 0.0);
        const double sigma = std::sqrt(count * keep * (1 - keep));
        const std::vector<bool> drawn =
            bits_of(random_mask(site(), count, static_cast<std::int64_t>(keep * 65536)), count);
        BOOST_TEST_CONTEXT("dropout " << probability) {
            BOOST_TEST(std::abs(static_cast<double>(kept) - count * keep) < 5 * sigma);
            BOOST_TEST(std::count(y.begin(), y.end(), 1 / keep) == kept);
            BOOST_TEST(std::ranges::equal(y, drawn, [](double element, bool bit) { return (element != 0) == bit; }));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_mask_depends_on_seed_step_and_site_and_on_nothing_else) {
    const auto draw = [](const RandomSite& from) { return dropout(ones(256), 0.5, from).values<float>(); };
    const std::vector<float> first = draw(site(1, 2, 3));
    BOOST_TEST((draw(site(1, 2, 3)) == first));
    BOOST_TEST((draw(site(2, 2, 3)) != first));
    BOOST_TEST((draw(site(1 + (std::uint64_t{1} << 32), 2, 3)) != first));
    BOOST_TEST((draw(site(1, 3, 3)) != first));
    BOOST_TEST((draw(site(1, 2, 4)) != first));
    BOOST_TEST((dropout(ones(256, DType::f64), 0.5, site(1, 2, 3)).values<float>() == first));
}

BOOST_AUTO_TEST_CASE(probability_0_keeps_all_and_1_keeps_nothing) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({4}, {1, -2.5, infinity, nan}, dtype);
        BOOST_TEST(approximately(dropout(x, 0, site()), {4}, {1, -2.5, infinity, nan}));
        BOOST_TEST(approximately(dropout(x, 1, site()), {4}, {0, 0, 0, 0}));
        BOOST_TEST(approximately(gradient_of_sum([](const Tensor& y) { return dropout(y, 1, site()); }, x), {4},
                                 {0, 0, 0, 0}));
    }
    BOOST_TEST(approximately(dropout(tensor({0, 3}, {}), 0.5, site()), {0, 3}, {}));
}

BOOST_AUTO_TEST_CASE(the_gradient_passes_through_the_same_mask) {
    const Tensor x = tensor({211}, numbers({211}));
    const auto dropped = [](const Tensor& y) { return dropout(y, 0.6, site()); };
    const std::vector<double> passed = dropped(ones(211, DType::f64)).values<double>();
    BOOST_TEST(approximately(gradient_of_sum(dropped, x), {211}, passed, 0));
}

BOOST_AUTO_TEST_CASE(backward_keeps_one_bit_an_element) {
    const Tensor x = ones(1000);
    Tape tape;
    tape.watch(x);
    const Tensor y = dropout(x, 0.6, site());
    BOOST_TEST_REQUIRE(tape.nodes().size() == 1u);
    std::size_t saved = 0;
    for (const auto& values :
         {tape.nodes()[0].inputs[0], tape.nodes()[0].inputs[1], tape.nodes()[0].outputs[0], tape.nodes()[0].outputs[1]})
        if (values.saved.defined()) saved += values.saved.bytes();
    BOOST_TEST(saved == 128u);  // 1000 bits in 32 words
}

BOOST_AUTO_TEST_CASE(bad_probabilities_keys_and_masks_are_refused_by_name) {
    const Tensor x = ones(64), integers = tensor({64}, std::vector<double>(64, 1), DType::i32);
    for (const double probability : {-0.1, 1.1, nan})
        expect_error<ShapeError>([&] { dropout(x, probability, site()); }, {"dropout:", "from 0 to 1"});
    const Tensor pair = tensor({2}, {1, 2}, DType::i32);
    expect_error<ShapeError>([&] { dropout(x, 0.5, {pair, 0}); }, {"dropout:", "[3]", "[2]"});
    expect_error<ShapeError>([&] { random_mask({pair, 0}, 8, 8); }, {"random_mask:", "[3]", "[2]"});
    expect_error<TypeError>([&] { dropout(x, 0.5, {ones(3), 0}); }, {"dropout:", "i32", "f32"});
    expect_error<TypeError>([&] { dropout(integers, 0.5, site()); }, {"dropout:", "i32"});
    expect_error<ShapeError>(
        [&] {
            masked_scale(x, tensor({3}, {1, 2, 3}, DType::i32), 1);
        },
        {"masked_scale:", "[2]", "[3]"});
    expect_error<TypeError>([&] { masked_scale(x, ones(2), 1); }, {"masked_scale:", "i32", "f32"});
    expect_error<TypeError>([&] { masked_scale(integers, pair, 1); }, {"masked_scale:", "i32"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
