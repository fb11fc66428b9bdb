// A vector whose first N elements need no trip to the heap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

namespace tapegrad {

/// As much of std::vector as the engine needs.
template <typename T, std::size_t N>
class InlineVector {
public:
    using value_type = T;
    using iterator = T*;
    using const_iterator = const T*;

    InlineVector() = default;
    explicit InlineVector(std::size_t size, const T& value = T()) { resize(size, value); }
    InlineVector(std::initializer_list<T> values) { insert(end(), values.begin(), values.end()); }
    template <std::input_iterator Iterator>
    InlineVector(Iterator first, Iterator last) {
        insert(end(), first, last);
    }
    InlineVector(const InlineVector& other) { insert(end(), other.begin(), other.end()); }
    InlineVector(InlineVector&& other) noexcept { take(other); }
    InlineVector& operator=(InlineVector other) noexcept {
        release();
        take(other);
        return *this;
    }
    ~InlineVector() { release(); }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    const T* begin() const { return data_; }
    const T* end() const { return data_ + size_; }
    T& operator[](std::size_t i) { return data_[i]; }
    const T& operator[](std::size_t i) const { return data_[i]; }
    T& back() { return data_[size_ - 1]; }
    const T& back() const { return data_[size_ - 1]; }

    void push_back(const T& value) { emplace_back(value); }
    void push_back(T&& value) { emplace_back(std::move(value)); }
    template <typename... Arguments>
    T& emplace_back(Arguments&&... arguments) {
        // Counted when it is made, since making it may throw.
        if (size_ < capacity_) {
            T* const made = new (data_ + size_) T(std::forward<Arguments>(arguments)...);
            ++size_;
            return *made;
        }
        // Made before the others move: it may be a copy of one of them.
        T value(std::forward<Arguments>(arguments)...);
        reserve(2 * std::size_t{capacity_});
        return *new (data_ + size_++) T(std::move(value));
    }
    T* insert(T* at, const T& value) { return insert(at, {value}); }
    T* insert(T* at, std::initializer_list<T> values) { return insert(at, values.begin(), values.end()); }
    template <std::input_iterator Iterator>
    T* insert(T* at, Iterator first, Iterator last) {
        const std::ptrdiff_t before = at - begin(), size = end() - begin();
        for (; first != last; ++first) emplace_back(*first);
        std::rotate(begin() + before, begin() + size, end());
        return begin() + before;
    }
    void resize(std::size_t size, const T& value = T()) {
        while (size_ > size) std::destroy_at(data_ + --size_);
        while (size_ < size) emplace_back(value);
    }
    void clear() {
        while (size_ > 0) std::destroy_at(data_ + --size_);
    }
    template <typename Predicate>
    void remove_if(Predicate predicate) {
        const T* const last = std::remove_if(begin(), end(), predicate);
        while (end() != last) std::destroy_at(data_ + --size_);
    }

private:
    T* inside() { return reinterpret_cast<T*>(inside_); }

    void reserve(std::size_t capacity) {
        T* const larger = std::allocator<T>().allocate(capacity);
        std::uninitialized_move(begin(), end(), larger);
        const std::uint32_t size = size_;
        release();
        data_ = larger;
        size_ = size;
        capacity_ = static_cast<std::uint32_t>(capacity);
    }

    // Only from empty; leaves `other` empty.
    void take(InlineVector& other) noexcept {
        if (other.data_ == other.inside()) {
            for (T& value : other) emplace_back(std::move(value));
            other.clear();
        } else {
            data_ = std::exchange(other.data_, other.inside());
            size_ = std::exchange(other.size_, 0);
            capacity_ = std::exchange(other.capacity_, N);
        }
    }

    // Back to empty.
    void release() noexcept {
        clear();
        if (data_ != inside()) std::allocator<T>().deallocate(data_, capacity_);
        data_ = inside();
        capacity_ = N;
    }

    T* data_ = inside();
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = N;
    alignas(T) std::byte inside_[N * sizeof(T)];
};

}  // namespace tapegrad
