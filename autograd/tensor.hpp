// A tensor: a cheap handle on a compact row-major array that lives on one backend.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "autograd/backend.hpp"
#include "autograd/inline_vector.hpp"
#include "autograd/shape.hpp"

namespace tapegrad {

/// The memory behind one or more tensors. Its version counts the writes, so that a tape notices when a tensor that it
/// saved was overwritten.
class Storage {
public:
    Storage(BackendPtr backend, std::size_t bytes)
        : backend_(std::move(backend)), bytes_(bytes), data_(backend_->allocate(bytes)) {}
    ~Storage() { backend_->release(data_, bytes_); }
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    const BackendPtr& backend() const { return backend_; }
    std::size_t bytes() const { return bytes_; }
    void* data() const { return data_; }
    std::uint64_t version() const { return version_; }
    void bump_version() { ++version_; }

private:
    BackendPtr backend_;
    std::size_t bytes_;
    void* data_;
    std::uint64_t version_ = 0;
};

/// Copies of a Tensor are the same value: same memory, same place on every tape. Ops return new tensors; only
/// `assign` and optimizer steps write into one.
class Tensor {
public:
    /// No tensor at all; `defined()` is false and every other call is an error.
    Tensor() = default;
    /// New memory, contents not set. Throws ShapeError for an extent below 0 or a size beyond what 64 bits count.
    Tensor(BackendPtr backend, const Shape& shape, DType dtype);

    bool defined() const { return body_ != nullptr; }
    const Shape& shape() const { return body().shape; }
    DType dtype() const { return body().dtype; }
    std::size_t rank() const { return shape().rank(); }
    std::int64_t size() const { return element_count(shape()); }
    const BackendPtr& backend() const { return body().storage->backend(); }
    std::uint64_t version() const { return body().storage->version(); }
    /// Bytes of its elements.
    std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype()); }

    /// All elements on the host, converted to T (float, double or std::int32_t).
    template <typename T>
    std::vector<T> values() const;
    /// The one element of a tensor of size 1. Throws ShapeError otherwise.
    double item() const;

    /// The same memory under another shape of the same size, on no tape. Ops use it; callers want `reshape`.
    Tensor alias(const Shape& shape) const;
    /// The same value, on no tape: a constant from here on.
    Tensor detach() const { return alias(shape()); }

    bool is_parameter() const { return body().is_parameter; }
    /// What `Tape::backward` added up for this parameter; not defined before the first time. Parameters may share one,
    /// so do not overwrite it.
    Tensor grad() const;
    void set_grad(const Tensor& grad) const;

    /// The array as a kernel sees it; valid as long as this tensor lives.
    tg_array array() const;

    /// The same handle? Equal contents in different memory are not the same.
    bool same(const Tensor& other) const { return body_ == other.body_; }

private:
    friend class Tape;
    friend Tensor parameter(const Tensor& value);
    friend void assign(const Tensor& target, const Tensor& value);
    friend void mark_overwritten(const Tensor& target);

    // Where a tape keeps this value's gradient.
    struct Place {
        std::uint64_t tape;
        std::uint32_t slot;
        std::uint64_t version;  // of the storage, when the value was made
    };
    struct Body {
        std::shared_ptr<Storage> storage;
        Shape shape;
        DType dtype = DType::f32;
        bool is_parameter = false;
        InlineVector<Place, 1> places;
        std::shared_ptr<Body> grad;
    };
    Body& body() const;

    std::shared_ptr<Body> body_;
};

/// A few tensors without a trip to the heap.
using Tensors = InlineVector<Tensor, 4>;

/// Every element `value`.
Tensor full(const BackendPtr& backend, const Shape& shape, double value, DType dtype = DType::f32);
/// Zeros of that shape, on the same backend and of the same dtype as `like`.
Tensor zeros_like(const Tensor& like);

/// Elements from the host, row-major, converted to `dtype`. Throws ShapeError when their number is not the shape's.
Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const double> values,
                   DType dtype = DType::f32);
Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const float> values);
Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const std::int32_t> values);

/// A tensor with the same memory that every tape watches and `Tape::backward` gives a gradient.
Tensor parameter(const Tensor& value);

/// Overwrites the elements of `target`; shapes and dtypes must be equal. Never recorded. Throws ShapeError, TypeError.
void assign(const Tensor& target, const Tensor& value);
/// Tells tapes that a kernel wrote into `target`.
void mark_overwritten(const Tensor& target);

}  // namespace tapegrad
