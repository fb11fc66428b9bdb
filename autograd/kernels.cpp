#include "autograd/kernels.hpp"

#include <array>
#include <cmath>

#include "autograd/errors.hpp"

namespace tapegrad {

namespace kernels {
const KernelId fill("fill"), strided_copy("strided_copy"), cast("cast"), reduce_sum("reduce_sum"),
    reduce_max("reduce_max"), matmul("matmul"), mul("mul"), add("add");
}

void call_kernel(KernelId id, std::initializer_list<Tensor> inputs, const Tensor& output,
                 std::span<const std::int64_t> integers, std::span<const double> reals) {
    Backend& backend = *output.backend();
    const tg_kernel function = backend.kernel(id, output.dtype());
    if (function == nullptr)
        throw BackendError("backend " + backend.name(), "a kernel " + id.name() + " for " + to_string(output.dtype()),
                           "none", "cast the tensors to another dtype or use another backend");
    InlineVector<tg_array, 4> arrays;
    for (const Tensor& input : inputs) arrays.push_back(input.array());
    const tg_array result = output.array();
    backend.call(id, function, arrays, std::span(&result, 1), integers, reals);
}

void fill(const Tensor& target, double value) {
    call_kernel(kernels::fill, {}, target, {}, std::array{value});
    mark_overwritten(target);
}

namespace {

// Without axes of extent 1, and with neighbouring axes merged where both sides walk them in one stride: kernels are
// quickest on long rows.
void simplify(ReadPattern& read, WritePattern& write) {
    ReadPattern simple{{}, read.offset, {}};
    WritePattern target{write.offset, {}};
    for (std::size_t axis = 0; axis < read.extents.rank(); ++axis) {
        const std::int64_t extent = read.extents[axis];
        if (extent == 1) continue;
        const std::size_t last = simple.extents.rank() - 1;
        if (!simple.extents.empty() && simple.strides[last] == read.strides[axis] * extent &&
            target.strides[last] == write.strides[axis] * extent) {
            simple.extents[last] *= extent;
            simple.strides[last] = read.strides[axis];
            target.strides[last] = write.strides[axis];
        } else {
            simple.extents.push_back(extent);
            simple.strides.push_back(read.strides[axis]);
            target.strides.push_back(write.strides[axis]);
        }
    }
    read = simple;
    write = target;
}

}  // namespace

void copy_strided(const Tensor& from, ReadPattern read, const Tensor& to, WritePattern write) {
    if (element_count(read.extents) == 0) return;
    simplify(read, write);
    InlineVector<std::int64_t, 3 * Dims::max_rank + 3> integers = {static_cast<std::int64_t>(read.extents.rank())};
    integers.insert(integers.end(), read.extents.begin(), read.extents.end());
    integers.push_back(read.offset);
    integers.insert(integers.end(), read.strides.begin(), read.strides.end());
    integers.push_back(write.offset);
    integers.insert(integers.end(), write.strides.begin(), write.strides.end());
    call_kernel(kernels::strided_copy, {from}, to, integers);
}

Tensor expand_copy(const Tensor& x, const Shape& shape) {
    const Tensor result(x.backend(), shape, x.dtype());
    const Dims own = strides_of(x.shape());
    Dims strides = shape;
    const std::size_t lead = shape.rank() - x.rank();
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        strides[axis] = axis < lead || x.shape()[axis - lead] == 1 ? 0 : own[axis - lead];
    copy_strided(x, {shape, 0, strides}, result, {0, strides_of(shape)});
    return result;
}

bool all_finite(const Tensor& x) {
    // x * 0 is 0 for a finite element and NaN for any other, and a sum keeps a NaN.
    const Tensor zero = full(x.backend(), {}, 0, x.dtype());
    const Tensor product(x.backend(), x.shape(), x.dtype());
    call_kernel(kernels::mul, {x, zero}, product);
    const Tensor total(x.backend(), {1, 1}, x.dtype());
    call_kernel(kernels::reduce_sum, {product.alias({1, x.size(), 1})}, total);
    return !std::isnan(total.item());
}

}  // namespace tapegrad
