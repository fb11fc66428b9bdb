#include "autograd/memory.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <new>
#include <set>

#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"

namespace {

// How often this thread asked the heap so far, through `new`. Other threads of the program may do so meanwhile.
thread_local std::size_t heap_calls = 0;

}  // namespace

void* operator new(std::size_t bytes) {
    ++heap_calls;
    if (void* const memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    ++heap_calls;
    return std::malloc(bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace tapegrad;
using namespace tapegrad::testing;

BOOST_AUTO_TEST_SUITE(autograd_memory)

BOOST_AUTO_TEST_CASE(sizes_of_blocks_are_few_and_waste_little) {
    constexpr std::size_t megabyte = std::size_t{1} << 20;
    BOOST_TEST(block_size(0) == 64U);
    BOOST_TEST(block_size(64) == 64U);
    BOOST_TEST(block_size(65) == 80U);
    BOOST_TEST(block_size(megabyte) == megabyte);
    BOOST_TEST(block_size(megabyte + 1) == megabyte + megabyte / 16);
    std::set<std::size_t> sizes;
    for (std::size_t bytes = 65; bytes <= 4 * megabyte; bytes += 1 + bytes / 100) {
        const std::size_t size = block_size(bytes);
        BOOST_TEST_REQUIRE(size >= bytes);
        BOOST_TEST_REQUIRE(size - bytes <= bytes / (bytes <= megabyte ? 4 : 16));
        BOOST_TEST_REQUIRE(block_size(size) == size);
        sizes.insert(size);
    }
    BOOST_TEST(sizes.size() == 14U * 4 + 2 * 16);
}

BOOST_AUTO_TEST_CASE(kept_block_is_used_for_its_size_only_unless_it_is_large) {
    char memory[4];
    KeptBlocks kept;
    kept.give({&memory[0], 640});
    BOOST_TEST(kept.take(768).data == nullptr);
    BOOST_TEST(kept.take(512).data == nullptr);
    BOOST_TEST(kept.take(640).data == &memory[0]);
    BOOST_TEST(kept.take(640).data == nullptr);

    const std::size_t megabyte = std::size_t{1} << 20;
    kept.give({&memory[0], megabyte});
    BOOST_TEST(kept.take(megabyte).data == &memory[0], "the largest that is for its size only");

    const std::size_t large = block_size(std::size_t{2} << 20);
    kept.give({&memory[1], large + large / 4});
    kept.give({&memory[2], large + large / 8});
    kept.give({&memory[3], large + large / 16});
    const Block nearest = kept.take(large);
    BOOST_TEST(nearest.data == &memory[3]);
    BOOST_TEST(nearest.bytes == large + large / 16, "it goes back as what it is");
    BOOST_TEST(kept.take(large).data == &memory[2]);
    BOOST_TEST(kept.take(large).data == nullptr, "the last one is a quarter too large");
    BOOST_TEST(kept.take_any().data != nullptr);
    BOOST_TEST(kept.take_any().data == nullptr);
}

BOOST_AUTO_TEST_CASE(any_kept_block_comes_back_with_its_size) {
    char memory;
    for (std::size_t bytes = 1; bytes <= std::size_t{4} << 20; bytes += 1 + bytes / 50) {
        KeptBlocks kept;
        kept.give({&memory, block_size(bytes)});
        BOOST_TEST_REQUIRE(kept.take_any().bytes == block_size(bytes));
    }
}

BOOST_AUTO_TEST_CASE(place_that_is_given_back_is_used_again) {
    FreeList places;
    void* const first = places.take(32);
    void* const second = places.take(32);
    BOOST_TEST(first != second);
    places.give(first);
    places.give(second);
    BOOST_TEST(places.take(32) == second);
    BOOST_TEST(places.take(32) == first);
    places.give(first);
    places.give(second);
}

// What is left: the results of `gradient`, and what a walk over a tape needs once.
BOOST_AUTO_TEST_CASE(heap_is_hardly_asked_by_a_tape_like_one_before) {
    const Tensor x = full(open_backend("reference"), {16}, 0.5), w = parameter(x);
    const auto calls_in_a_step = [&] {
        const std::size_t before = heap_calls;
        Tape tape;
        tape.watch(x);
        Tensor h = x;
        for (int i = 0; i < 500; ++i) h = (h * 0.999 + w) * x - 0.001;
        tape.gradient(sum(h), {x, w});
        return heap_calls - before;
    };
    const std::size_t first = calls_in_a_step();
    BOOST_TEST(first > 400U, "nothing was counted");
    const std::size_t later = calls_in_a_step();
    BOOST_TEST(later <= 20U);
    BOOST_TEST(calls_in_a_step() == later);
}

BOOST_AUTO_TEST_SUITE_END()
