#include "autograd/tensor.hpp"

#include <array>
#include <type_traits>

#include <fmt/format.h>

#include "autograd/elements.hpp"
#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"

namespace tapegrad {

Tensor::Tensor(const BackendPtr& backend, const Shape& shape, DType dtype) {
    if (backend == nullptr) throw BackendError("tensor", "an opened backend", "none", "open one with open_backend");
    for (const std::int64_t extent : shape)
        if (extent < 0) throw ShapeError("tensor", "extents of 0 or more", to_string(shape), "check the shape");
    const std::int64_t size = element_count(shape);
    body_ = new (backend->take_place(sizeof(Body))) Body(*backend, shape, dtype);
    body_->size = size;
    body_->block = backend->allocate(static_cast<std::size_t>(size) * size_of(dtype));
    body_->data = body_->block.data;
}

void Tensor::Body::destroy(Body* body) {
    Backend& backend = body->backend;
    body->~Body();
    backend.give_place(body);
}

void Tensor::throw_undefined() {
    throw TypeError("tensor", "a tensor", "an undefined one", "give it a value before it is used");
}

bool Tensor::is_unshared() const {
    const Body& b = body();
    return b.references == 1 && (!b.owner || b.owner->references == 1) && b.places.empty();
}

namespace {

template <typename Stored, typename T>
void upload_into(const Tensor& target, std::span<const T> values) {
    if constexpr (std::is_same_v<Stored, T>) {
        target.backend()->upload(target.array().data, values.data(), target.bytes());
    } else {
        const std::vector<Stored> stored(values.begin(), values.end());
        target.backend()->upload(target.array().data, stored.data(), target.bytes());
    }
}

template <typename Stored, typename T>
Tensor upload_as(const BackendPtr& backend, const Shape& shape, std::span<const T> values, DType dtype) {
    if (static_cast<std::int64_t>(values.size()) != element_count(shape))
        throw ShapeError("from_values", fmt::format("{} values for shape {}", element_count(shape), to_string(shape)),
                         fmt::format("{}", values.size()), "give one value for each element");
    Tensor result(backend, shape, dtype);
    upload_into<Stored>(result, values);
    return result;
}

}  // namespace

template <typename T>
std::vector<T> Tensor::values() const {
    return elements_as<T>(dtype(), static_cast<std::size_t>(size()),
                          [&](void* to_host) { backend()->download(to_host, array().data, bytes()); });
}
template std::vector<float> Tensor::values() const;
template std::vector<double> Tensor::values() const;
template std::vector<std::int32_t> Tensor::values() const;

double Tensor::item() const {
    if (size() != 1)
        throw ShapeError("item", "a tensor with one element", to_string(shape()), "reduce it first, by sum or mean");
    return values<double>()[0];
}

Tensor Tensor::alias(const Shape& shape) const {
    Body& from = body();
    Tensor result;
    result.body_ = new (from.backend.take_place(sizeof(Body))) Body(from.backend, shape, from.dtype);
    result.body_->size = element_count(shape);
    result.body_->data = from.data;
    result.body_->owner = from.owner ? from.owner : body_;
    return result;
}

namespace {

void check_alike(const char* where, const Tensor& target, const Tensor& value) {
    if (target.shape() != value.shape())
        throw ShapeError(where, "the target's shape " + to_string(target.shape()), to_string(value.shape()),
                         "reshape the value");
    if (target.dtype() != value.dtype())
        throw TypeError(where, to_string(target.dtype()), to_string(value.dtype()), "cast the value");
    if (target.backend() != value.backend())
        throw BackendError(where, "both tensors on one backend",
                           target.backend()->name() + " and " + value.backend()->name(),
                           "make all tensors with the same opened backend");
}

}  // namespace

Tensor Tensor::grad() const {
    Tensor result;
    result.body_ = body().grad;
    return result;
}

void Tensor::set_grad(const Tensor& grad) const {
    if (grad.defined()) check_alike("set_grad", *this, grad);
    body().grad = grad.body_;
}

Tensor full(const BackendPtr& backend, const Shape& shape, double value, DType dtype) {
    const Tensor result(backend, shape, dtype);
    call_kernel(kernels::fill, {}, result, {}, std::array{value});
    return result;
}

Tensor zeros_like(const Tensor& like) { return full(like.backend(), like.shape(), 0, like.dtype()); }

Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const double> values, DType dtype) {
    switch (dtype) {
        case DType::f32:
            return upload_as<float>(backend, shape, values, dtype);
        case DType::f64:
            return upload_as<double>(backend, shape, values, dtype);
        case DType::i32:
            return upload_as<std::int32_t>(backend, shape, values, dtype);
    }
    return {};
}

Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const float> values) {
    return upload_as<float>(backend, shape, values, DType::f32);
}

Tensor from_values(const BackendPtr& backend, const Shape& shape, std::span<const std::int32_t> values) {
    return upload_as<std::int32_t>(backend, shape, values, DType::i32);
}

void assign(const Tensor& target, std::span<const double> values) {
    if (static_cast<std::int64_t>(values.size()) != target.size())
        throw ShapeError("assign", fmt::format("{} values for shape {}", target.size(), to_string(target.shape())),
                         fmt::format("{}", values.size()), "give one value for each element");
    switch (target.dtype()) {
        case DType::f32:
            upload_into<float>(target, values);
            break;
        case DType::f64:
            upload_into<double>(target, values);
            break;
        case DType::i32:
            upload_into<std::int32_t>(target, values);
            break;
    }
    mark_overwritten(target);
}

Tensor parameter(const Tensor& value) {
    if (value.dtype() == DType::i32)
        throw TypeError("parameter", "f32 or f64", "i32", "cast it first: integers have no gradient");
    Tensor result = value.detach();
    result.body_->is_parameter = true;
    return result;
}

void mark_overwritten(const Tensor& target) {
    Tensor::Body& body = target.body();
    ++(body.owner ? *body.owner : body).version;
}

void assign(const Tensor& target, const Tensor& value) {
    check_alike("assign", target, value);
    if (target.array().data == value.array().data) return;
    copy_strided(value, {target.shape(), 0, strides_of(value.shape())}, target, {0, strides_of(target.shape())});
    mark_overwritten(target);
}

}  // namespace tapegrad
