#include "tools/conformance/kernel_calls.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "autograd/random.hpp"

namespace tapegrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
/// Around the lengths of vectors, and long enough to be cut up.
constexpr std::array<std::int64_t, 14> sizes = {0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 1009, 300007};
constexpr std::array<std::int64_t, 13> widths = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 67};

HostTensor drawn(const Shape& shape, const std::function<double(HostRandom&)>& draw) {
    HostRandom random(static_cast<std::uint64_t>(element_count(shape)) + shape.rank());
    HostTensor result{shape, true, std::vector<double>(static_cast<std::size_t>(element_count(shape)))};
    std::ranges::generate(result.elements, [&] { return draw(random); });
    return result;
}

/// Small whole numbers but 0: their sums and products are exact in every dtype.
HostTensor whole(const Shape& shape) {
    return drawn(shape, [](HostRandom& random) {
        const auto x = static_cast<double>(random.integer(6));
        return x < 3 ? x - 3 : x - 2;
    });
}

HostTensor fractions(const Shape& shape, double low, double high) {
    return drawn(shape, [=](HostRandom& random) { return double{static_cast<float>(random.uniform(low, high))}; });
}

HostTensor integers(std::vector<double> elements) {
    return {{static_cast<std::int64_t>(elements.size())}, false, std::move(elements)};
}

/// Elements that no kernel computes: what is left of them was not written.
HostTensor unset(const Shape& shape, DType dtype = DType::f32) {
    return {shape, dtype != DType::i32, std::vector<double>(static_cast<std::size_t>(element_count(shape)), 77)};
}

HostTensor in_dtype(HostTensor x, DType dtype) {
    x.is_float = dtype != DType::i32;
    return x;
}

}  // namespace

Calls fill_calls(DType dtype) {
    Calls calls;
    for (const std::int64_t size : sizes)
        for (const double value : {0.0, -3.0, dtype == DType::i32 ? 7.0 : 0.25, dtype == DType::i32 ? 9.0 : nan,
                                   dtype == DType::i32 ? -9.0 : infinity})
            calls.push_back({{}, unset({size}, dtype), {}, {value}});
    return calls;
}

Calls cast_calls(DType dtype) {
    Calls calls;
    for (const std::int64_t size : sizes)
        for (const bool from_float : {true, false}) {
            HostTensor x = whole({size});
            if (from_float)
                for (double& element : x.elements) element *= 1.25;
            x.is_float = from_float;
            calls.push_back({{x}, unset({size}, dtype)});
        }
    HostTensor extreme = {{8}, true, {nan, infinity, -infinity, 1e30, -1e30, 2147483520, -2147483648.0, -0.75}};
    calls.push_back({{extreme}, unset(extreme.shape, dtype)});
    calls.push_back({{integers({16777217, -2147483648.0, 2147483647})}, unset({3}, dtype)});
    return calls;
}

namespace {

/// rank, extents, then offset and strides of x and of y.
KernelCall copy_call(DType dtype, std::int64_t x_size, std::int64_t y_size, std::vector<std::int64_t> layout) {
    HostTensor x = in_dtype(unset({x_size}), dtype);
    for (std::size_t i = 0; i < x.elements.size(); ++i) x.elements[i] = static_cast<double>(i % 1000);
    // What a detour through another type would lose.
    const std::vector<double> precious =
        dtype == DType::i32 ? std::vector{16777217.0} : std::vector{-0.0, nan, infinity};
    for (std::size_t i = 0; i < std::min(precious.size(), x.elements.size()); ++i) x.elements[i] = precious[i];
    return {{x}, unset({y_size}, dtype), std::move(layout)};
}

}  // namespace

Calls strided_copy_calls(DType dtype) {
    Calls calls = {
        copy_call(dtype, 5, 4, {0, 3, 1}),                                 // one element
        copy_call(dtype, 6, 6, {2, 3, 2, 0, 1, 3, 0, 2, 1}),               // transposed
        copy_call(dtype, 9, 12, {1, 9, 8, -1, 2, 1}),                      // backwards
        copy_call(dtype, 9, 12, {1, 9, 0, 1, 10, -1}),                     // written backwards
        copy_call(dtype, 1, 20, {1, 17, 0, 0, 1, 1}),                      // repeated
        copy_call(dtype, 10, 30, {1, 0, 0, 1, 0, 1}),                      // nothing
        copy_call(dtype, 24, 60, {3, 2, 3, 4, 0, 12, 4, 1, 5, 27, 9, 2}),  // into every second place
        copy_call(dtype, 70001, 70001, {1, 70001, 0, 1, 0, 1}),            // all of it
        copy_call(dtype, 4087, 4087, {2, 61, 67, 0, 1, 61, 0, 67, 1}),     // a large one transposed
        copy_call(dtype, 67, 4087, {2, 61, 67, 0, 0, 1, 0, 67, 1}),        // rows repeated
        copy_call(dtype, 61, 4087, {2, 61, 67, 0, 1, 0, 0, 67, 1}),        // columns repeated
        copy_call(dtype, 300, 300, {6, 2, 1, 5, 2, 3, 5, 0, 150, 1, 30, 15, 5, 1, 0, 1, 0, 2, 10, 20, 60}),  // rank 6
    };
    for (const std::int64_t width : widths)  // a window of rows
        calls.push_back(
            copy_call(dtype, 9 * (width + 2), 9 * (width + 3), {2, 7, width, 1, width + 2, 1, 2, width + 3, 1}));
    return calls;
}

Calls two_operand_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        const Shape shape = size == 1009 ? Shape{1009, 1, 1} : Shape{size};
        HostTensor a = fractions(shape, 0.25, 4), b = fractions(shape, 0.5, 3);
        std::ranges::reverse(b.elements);
        for (std::size_t i = 0; i < a.elements.size(); i += 5) b.elements[i] = a.elements[i];  // ties
        const HostTensor one = {{}, true, {1.5}};
        for (const auto& [left, right] : {std::pair{a, b}, {a, one}, {one, b}})
            calls.push_back({{left, right}, unset(shape)});
    }
    calls.push_back({{{{}, true, {3}}, {{}, true, {2}}}, unset({})});
    const std::vector<double> special = {0, -0.0, 1, -1, 2.5, infinity, -infinity, nan, 1e30, 1e-30};
    HostTensor a{{100}, true, {}}, b{{100}, true, {}};
    for (const double x : special)
        for (const double y : special) {
            a.elements.push_back(double{static_cast<float>(x)});
            b.elements.push_back(double{static_cast<float>(y)});
        }
    calls.push_back({{a, b}, unset({100})});
    return calls;
}

Calls add_calls(DType dtype) {
    Calls calls = two_operand_calls(dtype);
    for (KernelCall call : two_operand_calls(dtype)) {
        if (call.inputs[0].shape != call.output.shape) continue;
        call.in_place = true;
        calls.push_back(std::move(call));
    }
    return calls;
}

Calls where_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        HostTensor condition = whole({size});
        for (std::size_t i = 0; i < condition.elements.size(); ++i)
            condition.elements[i] = i % 3 == 0 ? 0 : i % 7 == 0 ? nan : -1;
        const HostTensor a = whole({size}), b = fractions({size}, -9, -5), one = {{}, true, {4}};
        for (const HostTensors& inputs : {HostTensors{condition, a, b},
                                          {condition, one, b},
                                          {condition, a, one},
                                          {{{}, true, {0}}, a, b},
                                          {{{}, true, {1}}, a, b}})
            calls.push_back({inputs, unset({size})});
    }
    return calls;
}

std::function<Calls(DType)> function_calls(double low, double high) {
    return [=](DType) {
        Calls calls;
        for (const std::int64_t size : sizes) calls.push_back({{fractions({size}, low, high)}, unset({size})});
        calls.push_back({{fractions({}, low, high)}, unset({})});
        const HostTensor special = {{12}, true, {0, -0.0, 1, -1, 0.5, 30, -30, 1e30, -1e30, infinity, -infinity, nan}};
        HostTensor as_floats = special;
        for (double& x : as_floats.elements) x = double{static_cast<float>(x)};
        calls.push_back({{as_floats}, unset({12})});
        return calls;
    };
}

namespace {

std::vector<std::array<std::int64_t, 3>> reduced_shapes() {
    std::vector<std::array<std::int64_t, 3>> shapes = {
        {1, 1, 1}, {1, 70001, 1}, {61, 67, 1}, {1, 4099, 7}, {3, 5, 2},    {1, 3, 2050},  {1, 300007, 1}, {2, 3, 1009},
        {5, 1, 3}, {0, 3, 2},     {3, 2, 0},   {1, 300, 64}, {2, 200, 37}, {2, 4096, 33}, {1, 5003, 33}};
    for (const std::int64_t width : widths) {
        shapes.push_back({5, width, 1});
        shapes.push_back({2, 5, width});
    }
    return shapes;
}

}  // namespace

Calls reduce_calls(bool of_empty, bool with_nan) {
    Calls calls;
    for (const auto& [outer, reduced, inner] : reduced_shapes()) {
        const Shape shape{outer, reduced, inner};
        calls.push_back({{whole(shape)}, unset({outer, inner})});
        calls.push_back({{fractions(shape, -1, 2)}, unset({outer, inner})});
    }
    if (of_empty) calls.push_back({{whole({3, 0, 2})}, unset({3, 2})});
    if (with_nan)
        for (const double special : {nan, infinity, -infinity})
            for (const std::int64_t at : {0, 4, 9}) {
                HostTensor x = whole({2, 10, 3});
                for (std::size_t k = 0; k < 3; ++k) x.elements[static_cast<std::size_t>(at) * 3 + k] = special;
                calls.push_back({{x}, unset({2, 3})});
            }
    HostTensor lowest = whole({1, 3, 1});
    std::ranges::fill(lowest.elements, -infinity);
    calls.push_back({{lowest}, unset({1, 1})});
    return calls;
}

Calls matmul_calls(DType) {
    std::vector<std::array<std::int64_t, 4>> sizes_of = {
        {1, 1, 1, 1},      {2, 3, 4, 5},     {1, 2, 0, 3},    {1, 0, 3, 2},    {3, 5, 2, 1},    {1, 33, 4099, 7},
        {1, 1030, 20, 33}, {1, 70, 300, 40}, {2, 67, 31, 61}, {1, 3, 5, 1030}, {1, 5, 3, 1433}, {1, 2708, 3, 64}};
    for (const std::int64_t width : widths) {
        sizes_of.push_back({1, 5, 19, width});
        sizes_of.push_back({1, width, 3, 21});
        sizes_of.push_back({2, 6, width, 17});
    }
    Calls calls;
    for (const auto& [batch, m, k, n] : sizes_of)
        for (const bool transpose_a : {false, true})
            for (const bool transpose_b : {false, true}) {
                const Shape a = transpose_a ? Shape{batch, k, m} : Shape{batch, m, k},
                            b = transpose_b ? Shape{batch, n, k} : Shape{batch, k, n};
                calls.push_back({{whole(a), whole(b)}, unset({batch, m, n}), {transpose_a, transpose_b}});
                if (m * k * n < 10000)
                    calls.push_back(
                        {{fractions(a, -1, 1), fractions(b, -1, 1)}, unset({batch, m, n}), {transpose_a, transpose_b}});
            }
    return calls;
}

namespace {

struct HostGrouping {
    HostTensor index, order, offsets;
};

HostGrouping random_grouping(std::int64_t entries, std::int64_t groups) {
    HostRandom random(static_cast<std::uint64_t>(entries * 31 + groups));
    std::vector<double> index(static_cast<std::size_t>(entries)), order(index.size()),
        offsets(static_cast<std::size_t>(groups) + 1);
    for (std::size_t e = 0; e < index.size(); ++e) {
        index[e] = static_cast<double>(random.integer(groups));
        order[e] = static_cast<double>(e);
        for (auto s = static_cast<std::size_t>(index[e]) + 1; s < offsets.size(); ++s) ++offsets[s];
    }
    std::ranges::stable_sort(order, {}, [&](double e) { return index[static_cast<std::size_t>(e)]; });
    return {integers(index), integers(order), integers(offsets)};
}

/// Entries, groups, width: empty groups, long ones, every width.
std::vector<std::array<std::int64_t, 3>> grouped_sizes() {
    std::vector<std::array<std::int64_t, 3>> all = {{0, 4, 3},       {1, 1, 1},   {7, 3, 0},   {4099, 2, 7},
                                                    {3000, 100, 64}, {9, 20, 70}, {40, 5, 515}};
    for (const std::int64_t width : widths) {
        all.push_back({300, 7, width});
        all.push_back({9, 20, width});
    }
    return all;
}

}  // namespace

Calls gather_calls(DType dtype) {
    Calls calls;
    for (const auto& [entries, groups, width] : grouped_sizes()) {
        const HostGrouping g = random_grouping(entries, groups);
        calls.push_back(
            {{in_dtype(whole({groups, width}), dtype), g.index, g.order, g.offsets}, unset({entries, width}, dtype)});
    }
    return calls;
}

Calls scatter_calls(DType) {
    Calls calls;
    for (const auto& [entries, groups, width] : grouped_sizes()) {
        const HostGrouping g = random_grouping(entries, groups);
        for (const HostTensor& x : {whole({entries, width}), fractions({entries, width}, -1, 2)})
            calls.push_back({{x, g.index, g.order, g.offsets}, unset({groups, width})});
    }
    for (const double special : {nan, infinity, -infinity}) {
        const HostGrouping g = random_grouping(30, 3);
        HostTensor x = whole({30, 5});
        for (std::size_t i = 0; i < x.elements.size(); i += special == -infinity ? 1 : 17) x.elements[i] = special;
        calls.push_back({{x, g.index, g.order, g.offsets}, unset({3, 5})});
    }
    return calls;
}

Calls random_mask_calls(DType) {
    Calls calls;
    const auto add = [&](std::vector<double> key, std::int64_t call_site, std::int64_t threshold, std::int64_t count) {
        calls.push_back(
            {{integers(std::move(key))}, unset({(count + 31) / 32}, DType::i32), {call_site, threshold, count}});
    };
    for (const std::int64_t count : {0, 1, 7, 31, 32, 33, 255, 256, 257, 1009, 1024, 70001})
        for (const std::int64_t threshold : {0, 1, 26214, 65535, 65536})
            add({-123456789, 987654321, 41}, count % 5 + 3, threshold, count);
    // Each part of the counter and of the key is 32 bits wide.
    for (const std::int64_t call_site : {0, 65537, 2147483647}) add({5, -987654321, -1}, call_site, 26214, 100);
    add({-1, -2, 65536 + 41}, 8, 40000, 600000);
    return calls;
}

Calls masked_scale_calls(DType) {
    Calls calls;
    for (const std::int64_t size : sizes) {
        HostRandom random(static_cast<std::uint64_t>(size));
        std::vector<double> words(static_cast<std::size_t>((size + 31) / 32));
        std::ranges::generate(words, [&] { return static_cast<double>(static_cast<std::int32_t>(random.bits())); });
        calls.push_back({{fractions({size}, -2, 2), integers(words)}, unset({size}), {}, {-1.0 / 3}});
        calls.push_back({{whole({size}), integers(words)}, unset({size}), {}, {2}});
    }
    HostTensor special = {{4}, true, {nan, infinity, nan, infinity}};
    calls.push_back({{special, integers({3})}, unset({4}), {}, {2}});
    return calls;
}

}  // namespace tapegrad
