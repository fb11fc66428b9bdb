// What a mutated source calls at each site: a function of the operator, which computes what was written unless the
// environment variable TAPEGRAD_MUTANT holds the number of one of the site's mutants. Included before everything else.
//
// The first argument is the number of the site's first mutant; where there are two, the second has the next number.
#pragma once

#include <cstdlib>

namespace tapegrad::mutants {

struct Chosen {
    int number = 0;
    bool trapped = false;  // "17!" aborts where mutant 17 would have done something else
};

inline Chosen read_environment() {
    const char* text = std::getenv("TAPEGRAD_MUTANT");
    if (text == nullptr) return {};
    char* end = nullptr;
    const long number = std::strtol(text, &end, 10);
    return {static_cast<int>(number), *end == '!'};
}

// Read before anything else that is initialised in a source, since this header comes first in each. No function that is
// called: the sites lie in loops over elements.
inline const Chosen chosen = read_environment();

inline bool on(int number) {
    if (number != chosen.number) [[likely]]
        return false;
    if (chosen.trapped) std::abort();
    return true;
}

// name(number, a, b) is `a op b`, mutated `a other b`.
#define TAPEGRAD_MUTATED(name, op, other)                     \
    template <typename A, typename B>                         \
    decltype(auto) name(int number, const A& a, const B& b) { \
        return on(number) ? a other b : a op b;               \
    }
TAPEGRAD_MUTATED(plus, +, -)
TAPEGRAD_MUTATED(minus, -, +)
TAPEGRAD_MUTATED(times, *, /)
TAPEGRAD_MUTATED(divided, /, *)
TAPEGRAD_MUTATED(remainder, %, *)
TAPEGRAD_MUTATED(shifted_left, <<, >>)
TAPEGRAD_MUTATED(shifted_right, >>, <<)
TAPEGRAD_MUTATED(bits_and, &, |)
TAPEGRAD_MUTATED(bits_or, |, &)
TAPEGRAD_MUTATED(bits_xor, ^, &)
TAPEGRAD_MUTATED(equal, ==, !=)
TAPEGRAD_MUTATED(unequal, !=, ==)
#undef TAPEGRAD_MUTATED

// Comparisons: first the boundary, then the negation.
#define TAPEGRAD_MUTATED(name, op, boundary, negation)                                               \
    template <typename A, typename B>                                                                \
    bool name(int number, const A& a, const B& b) {                                                  \
        return on(number) ? bool(a boundary b) : on(number + 1) ? bool(a negation b) : bool(a op b); \
    }
TAPEGRAD_MUTATED(less, <, <=, >=)
TAPEGRAD_MUTATED(less_equal, <=, <, >)
TAPEGRAD_MUTATED(greater, >, >=, <=)
TAPEGRAD_MUTATED(greater_equal, >=, >, <)
#undef TAPEGRAD_MUTATED

#define TAPEGRAD_MUTATED(name, op, other)       \
    template <typename A, typename B>           \
    A& name(int number, A& a, const B& b) {     \
        return on(number) ? a other b : a op b; \
    }
TAPEGRAD_MUTATED(add_to, +=, -=)
TAPEGRAD_MUTATED(take_from, -=, +=)
TAPEGRAD_MUTATED(multiply_by, *=, /=)
TAPEGRAD_MUTATED(divide_by, /=, *=)
TAPEGRAD_MUTATED(remainder_by, %=, *=)
TAPEGRAD_MUTATED(shift_left_by, <<=, >>=)
TAPEGRAD_MUTATED(shift_right_by, >>=, <<=)
TAPEGRAD_MUTATED(and_with, &=, |=)
TAPEGRAD_MUTATED(or_with, |=, &=)
TAPEGRAD_MUTATED(xor_with, ^=, &=)
#undef TAPEGRAD_MUTATED

template <typename A>
A& increment(int number, A& a) {
    return on(number) ? --a : ++a;
}
template <typename A>
A& decrement(int number, A& a) {
    return on(number) ? ++a : --a;
}
template <typename A>
A increment_after(int number, A& a) {
    return on(number) ? a-- : a++;
}
template <typename A>
A decrement_after(int number, A& a) {
    return on(number) ? a++ : a--;
}

/// -a, mutated a.
template <typename A>
auto negative(int number, const A& a) {
    return on(number) ? static_cast<decltype(-a)>(a) : -a;
}

/// !a, mutated a.
template <typename A>
bool negation(int number, const A& a) {
    return static_cast<bool>(a) == on(number);
}

/// A condition, mutated its negation.
template <typename A>
bool condition(int number, const A& a) {
    return static_cast<bool>(a) != on(number);
}

/// A literal, mutated one more.
template <typename A>
A constant(int number, A value) {
    return on(number) ? static_cast<A>(value + 1) : value;
}

}  // namespace tapegrad::mutants
