// A tensor: a cheap handle on a compact row-major array that lives on one backend.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include "autograd/backend.hpp"
#include "autograd/inline_vector.hpp"
#include "autograd/shape.hpp"

namespace tapegrad {

/// Copies of a Tensor are the same value: same memory, same place on every tape. Ops return new tensors; only
/// `assign` and optimizer steps write into one.
class Tensor {
public:
    /// No tensor at all; `defined()` is false and every other call is an error.
    Tensor() = default;
    /// New memory, contents not set. Throws ShapeError for an extent below 0 or a size beyond what 64 bits count.
    Tensor(const BackendPtr& backend, const Shape& shape, DType dtype);

    bool defined() const { return body_ != nullptr; }
    const Shape& shape() const { return body().shape; }
    DType dtype() const { return body().dtype; }
    std::size_t rank() const { return shape().rank(); }
    std::int64_t size() const { return body().size; }
    const BackendPtr& backend() const { return body().backend.shared(); }
    /// Counts the writes into its memory, so that a tape notices when a tensor that it saved was overwritten.
    std::uint64_t version() const { return body().memory().version; }
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
    tg_array array() const {
        const Body& b = body();
        return {b.data, b.shape.data(), b.size, static_cast<std::int32_t>(b.shape.rank()),
                static_cast<std::int32_t>(b.dtype)};
    }

    /// The same handle? Equal contents in different memory are not the same.
    bool same(const Tensor& other) const { return body_ == other.body_; }
    /// Does nothing but this handle know its memory? Then it may be overwritten.
    bool is_unshared() const;

private:
    friend class Tape;
    friend Tensor parameter(const Tensor& value);
    friend void assign(const Tensor& target, const Tensor& value);
    friend void mark_overwritten(const Tensor& target);

    // Where a tape keeps this value's gradient.
    struct Place {
        std::uint64_t tape;
        std::uint32_t slot;
        std::uint64_t version;  // of the memory, when the value was made; a leaf may have any
        static constexpr std::uint64_t any_version = ~std::uint64_t{0};
    };
    // What all handles on one value share. It lies in a place of the backend, and so does not cost the heap anything.
    struct Body {
        Body(Backend& on, const Shape& of_shape, DType of_dtype) : backend(on), shape(of_shape), dtype(of_dtype) {}
        ~Body() {
            if (block.data != nullptr) backend.release(block);
        }
        const Body& memory() const { return owner ? *owner : *this; }

        Backend& backend;
        Shape shape;
        DType dtype;
        bool is_parameter = false;
        std::uint32_t references = 0;
        std::int64_t size = 0;
        void* data = nullptr;
        Block block;                       // its own memory,
        boost::intrusive_ptr<Body> owner;  // or else whose memory it is
        std::uint64_t version = 0;
        InlineVector<Place, 1> places;
        boost::intrusive_ptr<Body> grad;

        static void destroy(Body* body);
        friend void intrusive_ptr_add_ref(Body* body) { ++body->references; }
        friend void intrusive_ptr_release(Body* body) {
            if (--body->references == 0) destroy(body);
        }
    };
    Body& body() const {
        if (!body_) throw_undefined();
        return *body_;
    }
    [[noreturn]] static void throw_undefined();

    boost::intrusive_ptr<Body> body_;
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
/// The same from the host, row-major, converted to the target's dtype.
void assign(const Tensor& target, std::span<const double> values);
/// Tells tapes that a kernel wrote into `target`.
void mark_overwritten(const Tensor& target);

}  // namespace tapegrad
