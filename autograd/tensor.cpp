#include "autograd/tensor.hpp"

#include <array>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/kernels.hpp"

namespace tapegrad {

Tensor::Tensor(BackendPtr backend, const Shape& shape, DType dtype) : body_(std::make_shared<Body>()) {
    body_->shape = shape;
    body_->dtype = dtype;
    if (backend == nullptr) throw BackendError("tensor", "an opened backend", "none", "open one with open_backend");
    for (const std::int64_t extent : shape)
        if (extent < 0) throw ShapeError("tensor", "extents of 0 or more", to_string(shape), "check the shape");
    body_->storage =
        std::make_shared<Storage>(std::move(backend), static_cast<std::size_t>(element_count(shape)) * size_of(dtype));
}

Tensor::Body& Tensor::body() const {
    if (body_ == nullptr)
        throw TypeError("tensor", "a tensor", "an undefined one", "give it a value before it is used");
    return *body_;
}

namespace {

template <typename Stored, typename T>
std::vector<T> download_as(const Tensor& tensor) {
    std::vector<Stored> stored(static_cast<std::size_t>(tensor.size()));
    tensor.backend()->download(stored.data(), tensor.array().data, tensor.bytes());
    return std::vector<T>(stored.begin(), stored.end());
}

template <typename Stored, typename T>
Tensor upload_as(const BackendPtr& backend, const Shape& shape, std::span<const T> values, DType dtype) {
    if (static_cast<std::int64_t>(values.size()) != element_count(shape))
        throw ShapeError("from_values", fmt::format("{} values for shape {}", element_count(shape), to_string(shape)),
                         fmt::format("{}", values.size()), "give one value for each element");
    Tensor result(backend, shape, dtype);
    const std::vector<Stored> stored(values.begin(), values.end());
    backend->upload(result.array().data, stored.data(), result.bytes());
    return result;
}

}  // namespace

template <typename T>
std::vector<T> Tensor::values() const {
    switch (dtype()) {
        case DType::f32:
            return download_as<float, T>(*this);
        case DType::f64:
            return download_as<double, T>(*this);
        case DType::i32:
            return download_as<std::int32_t, T>(*this);
    }
    return {};
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
    Tensor result;
    result.body_ = std::make_shared<Body>();
    result.body_->storage = body().storage;
    result.body_->shape = shape;
    result.body_->dtype = body().dtype;
    return result;
}

Tensor Tensor::grad() const {
    Tensor result;
    result.body_ = body().grad;
    return result;
}

void Tensor::set_grad(const Tensor& grad) const { body().grad = grad.body_; }

tg_array Tensor::array() const {
    const Body& b = body();
    return {b.storage->data(), b.shape.data(), element_count(b.shape), static_cast<std::int32_t>(b.shape.rank()),
            static_cast<std::int32_t>(b.dtype)};
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

Tensor parameter(const Tensor& value) {
    if (value.dtype() == DType::i32)
        throw TypeError("parameter", "f32 or f64", "i32", "cast it first: integers have no gradient");
    Tensor result = value.detach();
    result.body_->is_parameter = true;
    return result;
}

void mark_overwritten(const Tensor& target) { target.body().storage->bump_version(); }

void assign(const Tensor& target, const Tensor& value) {
    if (target.shape() != value.shape())
        throw ShapeError("assign", "the target's shape " + to_string(target.shape()), to_string(value.shape()),
                         "reshape the value");
    if (target.dtype() != value.dtype())
        throw TypeError("assign", to_string(target.dtype()), to_string(value.dtype()), "cast the value");
    if (target.backend() != value.backend())
        throw BackendError("assign", "both tensors on one backend",
                           target.backend()->name() + " and " + value.backend()->name(),
                           "make all tensors with the same opened backend");
    if (target.array().data == value.array().data) return;
    copy_strided(value, {target.shape(), 0, strides_of(value.shape())}, target, {0, strides_of(target.shape())});
    mark_overwritten(target);
}

}  // namespace tapegrad
