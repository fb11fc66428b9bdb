// The reference backend's random bits, against a second Philox, and what it does with them.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "tests/backends/reference_fixture.hpp"

namespace tapegrad::tests {
namespace {

using Words = std::vector<std::int32_t>;

/// Philox4x32-10 in the words of its paper: the bijection, the rounds, the key schedule.
std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> r, std::array<std::uint32_t, 2> k) {
    const auto mulhi = [](std::uint64_t a, std::uint64_t b) { return static_cast<std::uint32_t>(a * b >> 32); };
    for (std::uint32_t n = 0; n < 10; ++n) {
        const std::uint32_t k0 = k[0] + n * 0x9E3779B9u, k1 = k[1] + n * 0xBB67AE85u;
        r = {mulhi(0xCD9E8D57u, r[2]) ^ r[1] ^ k0, 0xCD9E8D57u * r[2], mulhi(0xD2511F53u, r[0]) ^ r[3] ^ k1,
             0xD2511F53u * r[0]};
    }
    return r;
}

struct Draws {
    std::int32_t seed_low, seed_high, step;
    std::int64_t call_site, threshold, count;
};

Words mask_of(const Reference& backend, const Draws& d) {
    return backend.compute<std::int32_t>("random_mask", {backend.vector(Words{d.seed_low, d.seed_high, d.step})},
                                         {(d.count + 31) / 32}, {d.call_site, d.threshold, d.count});
}

Words expected_mask(const Draws& d) {
    std::vector<std::uint32_t> words(static_cast<std::size_t>((d.count + 31) / 32));
    for (std::int64_t i = 0; i < d.count; ++i) {
        const auto random =
            philox4x32_10({static_cast<std::uint32_t>(i / 8), 0, static_cast<std::uint32_t>(d.call_site),
                           static_cast<std::uint32_t>(d.step)},
                          {static_cast<std::uint32_t>(d.seed_low), static_cast<std::uint32_t>(d.seed_high)});
        const std::uint32_t word = random[static_cast<std::size_t>(i % 8 / 2)];
        const std::uint32_t draw = i % 2 == 0 ? word % 65536 : word / 65536;
        if (draw < d.threshold) words[static_cast<std::size_t>(i / 32)] += 1u << i % 32;
    }
    return {words.begin(), words.end()};
}

std::int64_t set_bits(const Words& words) {
    std::int64_t count = 0;
    for (const std::int32_t word : words) count += std::popcount(static_cast<std::uint32_t>(word));
    return count;
}

BOOST_FIXTURE_TEST_SUITE(backends_reference_random, Reference)

BOOST_AUTO_TEST_CASE(this_file_s_philox_gives_the_published_answers) {
    // kat_vectors of Random123.
    const auto ones = 0xFFFFFFFFu;
    using Counter = std::array<std::uint32_t, 4>;
    BOOST_TEST((philox4x32_10({0, 0, 0, 0}, {0, 0}) == Counter{0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8}));
    BOOST_TEST((philox4x32_10({ones, ones, ones, ones}, {ones, ones}) ==
                Counter{0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD}));
    BOOST_TEST((philox4x32_10({0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344}, {0xA4093822, 0x299F31D0}) ==
                Counter{0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1}));
}

BOOST_AUTO_TEST_CASE(the_first_draws_of_key_zero_are_the_published_ones) {
    const std::array<std::int64_t, 8> draws = {0xE8D5, 0x6627, 0xC58D, 0xE169, 0xAC4C, 0xBC57, 0xDBD8, 0x9B00};
    for (std::size_t i = 0; i < draws.size(); ++i) {
        BOOST_TEST_CONTEXT("draw " << i) {
            BOOST_TEST((mask_of(*this, {0, 0, 0, 0, draws[i], 8})[0] >> i & 1) == 0);
            BOOST_TEST((mask_of(*this, {0, 0, 0, 0, draws[i] + 1, 8})[0] >> i & 1) == 1);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_mask_is_the_one_of_the_second_philox) {
    for (const std::int64_t count : {0, 1, 7, 8, 31, 32, 33, 1009})
        for (const std::int64_t threshold : {0, 1, 26214, 65535, 65536})
            for (const auto& [seed_low, seed_high, step, call_site] :
                 {std::array{0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {-1, -7, -2, 3}}) {
                const Draws draws{seed_low, seed_high, step, call_site, threshold, count};
                BOOST_TEST(mask_of(*this, draws) == expected_mask(draws), boost::test_tools::per_element());
            }
}

BOOST_AUTO_TEST_CASE(the_share_of_set_bits_is_the_threshold_s) {
    const std::int64_t count = 1'000'000;
    for (const std::int64_t threshold : {655, 26214, 32768, 65000}) {
        const double p = static_cast<double>(threshold) / 65536;
        const double sigma = std::sqrt(static_cast<double>(count) * p * (1 - p));
        const double set = static_cast<double>(set_bits(mask_of(*this, {5, 6, 7, 8, threshold, count})));
        BOOST_TEST(std::abs(set - static_cast<double>(count) * p) < 5 * sigma, set << " bits set at " << p);
    }
}

BOOST_AUTO_TEST_CASE(seed_step_and_call_site_each_give_an_independent_mask) {
    const std::int64_t count = 320'000;
    const double p = 0.4, differing = 2 * p * (1 - p);  // the share of bits in which independent masks differ
    const double sigma = std::sqrt(static_cast<double>(count) * differing * (1 - differing));
    std::vector<Words> masks;
    for (const auto& [seed_low, seed_high, step, call_site] :
         {std::array{3, 3, 3, 3}, {4, 3, 3, 3}, {3, 4, 3, 3}, {3, 3, 4, 3}, {3, 3, 3, 4}})
        masks.push_back(mask_of(*this, {seed_low, seed_high, step, call_site, 26214, count}));
    for (std::size_t a = 0; a < masks.size(); ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            Words difference(masks[a].size());
            std::transform(masks[a].begin(), masks[a].end(), masks[b].begin(), difference.begin(), std::bit_xor<>());
            const double count_of_different = static_cast<double>(set_bits(difference));
            BOOST_TEST(std::abs(count_of_different - static_cast<double>(count) * differing) < 5 * sigma,
                       "masks " << a << " and " << b << " differ in " << count_of_different << " bits");
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masked_scale_scales_what_is_kept_and_zeroes_the_rest, T, Reals) {
    for (const std::size_t count : {0, 1, 31, 32, 33, 100}) {
        const auto x = values_of<T>(count);
        Words mask((count + 31) / 32);
        std::vector<T> wanted(count);
        for (std::size_t i = 0; i < count; i += 3) {  // keeps every third
            mask[i / 32] |= static_cast<std::int32_t>(1u << i % 32);
            wanted[i] = x[i] * T(2.5);
        }
        const auto inputs = {vector(x), vector(mask)};
        check_equal(compute<T>("masked_scale", inputs, {static_cast<std::int64_t>(count)}, {}, {2.5}), wanted);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masked_scale_drops_nan_and_infinity_too, T, Reals) {
    const auto x = vector(std::vector<T>{T(nan), T(inf), T(nan), T(-inf)});
    check_equal(compute<T>("masked_scale", {x, vector(Words{0b0011})}, {4}, {}, {2}),
                std::vector<double>{nan, inf, 0, 0});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::tests
