#include "autograd/random.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "tests/autograd/approximately.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

using Words = std::array<std::uint32_t, 4>;

constexpr int draws = 200'000;

struct Statistics {
    double mean = 0, variance = 0, fourth_moment = 0, neighbours = 0;  ///< moments about the expected mean
};

Statistics statistics_of(const std::function<double()>& draw, double expected_mean) {
    Statistics result;
    double before = 0;
    for (int i = 0; i < draws; ++i) {
        const double x = draw(), d = x - expected_mean;
        result.mean += x / draws;
        result.variance += d * d / draws;
        result.fourth_moment += d * d * d * d / draws;
        result.neighbours += d * before / draws;
        before = d;
    }
    return result;
}

// Within five standard deviations of what is expected, where one draw deviates by `deviation`.
boost::test_tools::assertion_result within_5_sigma(double got, double expected, double deviation) {
    boost::test_tools::assertion_result result(std::abs(got - expected) <= 5 * deviation / std::sqrt(draws));
    result.message() << got << " instead of " << expected;
    return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_random)

// The known answers that Salmon et al. publish with their implementation (Random123, kat_vectors).
BOOST_AUTO_TEST_CASE(philox_gives_the_published_answers) {
    constexpr std::uint32_t ones = 0xffffffff;
    BOOST_TEST((philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    BOOST_TEST(
        (philox({ones, ones, ones, ones}, {ones, ones}) == Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    BOOST_TEST((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
                Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_numbers_and_others_do_not) {
    HostRandom first(7), second(7), other(8), far(7 + (std::uint64_t{1} << 32));
    int equal_to_other = 0, equal_to_far = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::uint32_t bits = first.bits();
        BOOST_TEST_REQUIRE(bits == second.bits());
        equal_to_other += bits == other.bits();
        equal_to_far += bits == far.bits();
    }
    BOOST_TEST(equal_to_other < 3);
    BOOST_TEST(equal_to_far < 3, "the high half of the seed counts too");
}

BOOST_AUTO_TEST_CASE(host_numbers_are_the_words_of_one_block_after_another) {
    HostRandom random(0x0000000300000007);
    for (std::uint32_t block = 0; block < 3; ++block)
        for (const std::uint32_t word : philox({block, 0, 0, 0xffffffff}, {7, 3}))
            BOOST_TEST(random.bits() == word, "block " << block);
}

BOOST_AUTO_TEST_CASE(uniform_takes_its_high_bits_from_the_first_draw) {
    HostRandom words(3), numbers(3);
    for (int i = 0; i < 100; ++i) {
        const std::uint64_t high = words.bits(), low = words.bits();
        const double expected = static_cast<double>((high << 32 | low) >> 11) / 9007199254740992.0;  // 2^53
        BOOST_TEST(numbers.uniform() == expected);
    }
}

BOOST_AUTO_TEST_CASE(uniform_numbers_fill_their_range_evenly) {
    HostRandom random(1);
    for (int i = 0; i < 1000; ++i) {
        const double x = random.uniform(-3, 5);
        BOOST_TEST((x >= -3 && x < 5));
    }
    const Statistics s = statistics_of([&] { return random.uniform(); }, 0.5);
    BOOST_TEST(within_5_sigma(s.mean, 0.5, std::sqrt(1.0 / 12)));
    BOOST_TEST(within_5_sigma(s.variance, 1.0 / 12, std::sqrt(1.0 / 80 - 1.0 / 144)));
    BOOST_TEST(within_5_sigma(s.neighbours, 0, 1.0 / 12));
}

BOOST_AUTO_TEST_CASE(normal_numbers_have_the_moments_of_a_standard_normal) {
    HostRandom random(1);
    const Statistics s = statistics_of([&] { return random.normal(); }, 0);
    BOOST_TEST(within_5_sigma(s.mean, 0, 1));
    BOOST_TEST(within_5_sigma(s.variance, 1, std::sqrt(2)));
    BOOST_TEST(within_5_sigma(s.fourth_moment, 3, std::sqrt(105 - 9)));
    BOOST_TEST(within_5_sigma(s.neighbours, 0, 1));
}

BOOST_AUTO_TEST_CASE(integers_come_equally_often) {
    HostRandom random(1);
    std::array<double, 7> frequency = {};
    for (int i = 0; i < draws; ++i) frequency.at(static_cast<std::size_t>(random.integer(7))) += 1.0 / draws;
    for (const double f : frequency) BOOST_TEST(within_5_sigma(f, 1.0 / 7, std::sqrt(6.0 / 49)));
    BOOST_TEST(random.integer(1) == 0);
}

BOOST_AUTO_TEST_CASE(key_holds_both_halves_of_the_seed_and_the_step) {
    const Tensor key = random_key(reference(), 0xfffffffe'00000005, 0x80000001);
    BOOST_TEST((key.dtype() == DType::i32));
    BOOST_TEST(approximately(key, {3}, {5, -2, -2147483647}));
}

BOOST_AUTO_TEST_CASE(stream_numbers_its_call_sites) {
    const Tensor key = random_key(reference(), 1, 2);
    RandomStream stream(key);
    for (std::int64_t site = 0; site < 3; ++site) {
        const RandomSite next = stream.next();
        BOOST_TEST(next.call_site == site);
        BOOST_TEST(next.key.same(key));
    }
}

BOOST_AUTO_TEST_CASE(threshold_is_the_nearest_of_16_bits_and_its_scale_is_exact) {
    BOOST_TEST(keep_threshold(0).threshold == 65536);
    BOOST_TEST(keep_threshold(0).scale == 1);
    BOOST_TEST(keep_threshold(0.5).threshold == 32768);
    BOOST_TEST(keep_threshold(0.5).scale == 2);
    BOOST_TEST(keep_threshold(0.6).threshold == 26214);  // 26214.4
    BOOST_TEST(keep_threshold(0.6).scale == 65536.0 / 26214);
    BOOST_TEST(keep_threshold(1).threshold == 0);
    BOOST_TEST(keep_threshold(1).scale == 0);
}

BOOST_AUTO_TEST_SUITE_END()
