// A vector whose first N elements need no trip to the heap, and that goes wherever a span is wanted.
#pragma once

#include <cstddef>
#include <span>

#include <boost/container/small_vector.hpp>

namespace tapegrad {

template <typename T, std::size_t N>
class InlineVector : public boost::container::small_vector<T, N> {
public:
    using boost::container::small_vector<T, N>::small_vector;
    operator std::span<const T>() const { return {this->data(), this->size()}; }
};

}  // namespace tapegrad
