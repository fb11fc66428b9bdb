#include "autograd/inline_vector.hpp"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace tapegrad;

namespace {

using Strings = InlineVector<std::string, 2>;

std::vector<std::string> words(const Strings& strings) { return {strings.begin(), strings.end()}; }
// Long enough to live on the heap: the address sanitizer sees what is lost or freed twice.
std::string word(int i) { return std::string(40, static_cast<char>('a' + i)); }

Strings counted(int size) {
    Strings strings;
    for (int i = 0; i < size; ++i) strings.push_back(word(i));
    return strings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_inline_vector)

BOOST_AUTO_TEST_CASE(copies_and_moves_are_equal_on_both_sides_of_the_inline_size) {
    for (const int size : {0, 1, 2, 3, 7}) {
        const Strings original = counted(size);
        Strings copy = original, moved = std::move(copy), assigned = counted(3);
        BOOST_TEST(copy.empty());
        BOOST_TEST(words(moved) == words(original));
        assigned = moved;
        BOOST_TEST(words(assigned) == words(original));
        assigned = counted(5);
        BOOST_TEST(words(assigned) == words(counted(5)));
        Strings& same = assigned;
        assigned = same;
        BOOST_TEST(words(assigned) == words(counted(5)));
        copy.push_back("again");
        BOOST_TEST(copy.size() == 1U);
    }
}

BOOST_AUTO_TEST_CASE(insert_resize_and_remove_do_what_std_vector_does) {
    for (const int size : {0, 1, 2, 5})
        for (int at = 0; at <= size; ++at) {
            Strings strings = counted(size);
            std::vector<std::string> wanted = words(strings);
            const std::vector<std::string> more = {word(20), word(21), word(22)};
            strings.insert(strings.begin() + at, more.begin(), more.end());
            wanted.insert(wanted.begin() + at, more.begin(), more.end());
            strings.insert(strings.begin() + at, word(23));
            wanted.insert(wanted.begin() + at, word(23));
            BOOST_TEST(words(strings) == wanted);
            strings.remove_if([](const std::string& s) { return s == word(21); });
            std::erase(wanted, word(21));
            BOOST_TEST(words(strings) == wanted);
            strings.resize(2);
            wanted.resize(2);
            BOOST_TEST(words(strings) == wanted);
            strings.resize(4, "x");
            wanted.resize(4, "x");
            BOOST_TEST(words(strings) == wanted);
        }
}

BOOST_AUTO_TEST_CASE(own_element_may_be_pushed_while_the_vector_grows) {
    Strings strings = counted(2);
    strings.push_back(strings[0]);
    BOOST_TEST(strings.back() == word(0));
    strings.emplace_back(std::move(strings[1]));
    BOOST_TEST(strings.back() == word(1));
}

BOOST_AUTO_TEST_CASE(elements_that_only_move_are_kept) {
    InlineVector<std::unique_ptr<int>, 1> numbers;
    for (int i = 0; i < 5; ++i) numbers.push_back(std::make_unique<int>(i));
    const InlineVector<std::unique_ptr<int>, 1> moved = std::move(numbers);
    BOOST_TEST(*moved[4] == 4);
}

BOOST_AUTO_TEST_CASE(element_that_could_not_be_made_is_not_destroyed) {
    struct Counted {
        explicit Counted(int& alive, bool fails = false) : alive_(alive) {
            if (fails) throw std::runtime_error("not made");
            ++alive_;
        }
        Counted(const Counted& other) : alive_(other.alive_) { ++alive_; }
        ~Counted() { --alive_; }
        int& alive_;
    };
    int alive = 0;
    {
        InlineVector<Counted, 4> some;
        some.emplace_back(alive);
        BOOST_CHECK_THROW(some.emplace_back(alive, true), std::runtime_error);
        BOOST_TEST(some.size() == 1u);
        BOOST_TEST(alive == 1);
    }
    BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_SUITE_END()
