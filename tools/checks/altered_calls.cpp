#include "tools/checks/altered_calls.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "autograd/samples.hpp"

namespace tapegrad {
namespace {

using Value = std::variant<std::int64_t, double, Dims>;

/// x under another shape and dtype: its elements from the first on, repeated as often as needed.
Tensor refilled(const Tensor& x, const Shape& shape, DType dtype) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    if (dtype == DType::i32) return full(x.backend(), shape, 0, dtype);
    const std::vector<double> elements = x.values<double>();
    std::vector<double> result(count, 0.5);
    for (std::size_t i = 0; i < count && !elements.empty(); ++i) result[i] = elements[i % elements.size()];
    return from_values(x.backend(), shape, result, dtype);
}

bool has_indices(std::span<const Tensor> inputs) {
    return std::ranges::any_of(inputs, [](const Tensor& x) { return x.dtype() == DType::i32 && x.size() > 0; });
}

/// Has one of the float inputs no elements?
bool is_empty_somewhere(std::span<const Tensor> inputs) {
    return std::ranges::any_of(inputs, [](const Tensor& x) { return x.dtype() != DType::i32 && x.size() == 0; });
}

/// One more axis in front and at the end; without the first, without the last; each extent one more and one less.
std::vector<Shape> other_shapes(const Shape& shape) {
    std::vector<Shape> shapes;
    const auto add = [&](const auto& edit) {
        Shape other = shape;
        edit(other);
        if (std::ranges::find(shapes, other) == shapes.end()) shapes.push_back(other);
    };
    if (shape.rank() < Dims::max_rank) {
        add([](Shape& s) { s.insert(0, 1); });
        add([](Shape& s) { s.push_back(1); });
    }
    if (!shape.empty()) {
        add([](Shape& s) { s.erase(0); });
        add([](Shape& s) { s.erase(s.rank() - 1); });
    }
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
        add([axis](Shape& s) { ++s[axis]; });
        if (shape[axis] > 0) add([axis](Shape& s) { --s[axis]; });
    }
    return shapes;
}

/// Values of the type that the attribute has: neighbours, and ones beyond any axis, count or probability.
std::vector<Value> other_values(std::int64_t value) {
    return {value + 1, value - 1, std::int64_t{7}, std::int64_t{-8}};
}

std::vector<Value> other_values(double) { return {-1.0, 2.0, std::numeric_limits<double>::quiet_NaN()}; }

std::vector<Value> other_values(const Dims& value) {
    std::vector<Value> values;
    const auto add = [&](const auto& edit) {
        Dims other = value;
        edit(other);
        values.emplace_back(other);
    };
    if (value.rank() < Dims::max_rank) add([](Dims& d) { d.push_back(1); });
    if (!value.empty()) add([](Dims& d) { d.erase(d.rank() - 1); });
    for (std::size_t i = 0; i < value.rank(); ++i) {
        add([i](Dims& d) { ++d[i]; });
        add([i](Dims& d) { --d[i]; });
        if (value[i] > 0) add([i](Dims& d) { d[i] = -1; });
    }
    return values;
}

std::vector<Value> values_of_other_types(const Value& value) {
    const std::vector<Value> all = {std::int64_t{1}, 1.0, Dims{1}};
    std::vector<Value> others;
    std::ranges::copy_if(all, std::back_inserter(others),
                         [&](const Value& other) { return other.index() != value.index(); });
    return others;
}

/// Collects the altered calls of one sample.
class Alterations {
public:
    Alterations(const OpDef& op, const Sample& sample) : op_(op), sample_(sample) {
        for (const Tensor& x : sample.inputs)
            inputs_.push_back(x.dtype() == DType::i32 ? refilled(x, x.shape(), DType::i32) : x);
    }

    void alter_input(std::size_t input) {
        const Tensor& x = inputs_[input];
        for (const Shape& shape : other_shapes(x.shape())) replace(input, refilled(x, shape, x.dtype()));
        for (const DType dtype : {DType::f32, DType::f64, DType::i32})
            if (dtype != x.dtype()) replace(input, refilled(x, x.shape(), dtype));
        Tensors fewer;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (i != input) fewer.push_back(inputs_[i]);
        add("without " + input_name(op_, input), fewer, sample_.attributes);
    }

    void add_input() {
        Tensors more = inputs_;
        more.push_back(inputs_.back());
        add("with one input more", more, sample_.attributes);
    }

    void alter_attribute(std::size_t attribute) {
        const std::span<const Attribute> list = sample_.attributes.list();
        const auto& [name, value] = list[attribute];
        std::vector<Value> values = std::visit([](const auto& typed) { return other_values(typed); }, value);
        for (const Value& other : values_of_other_types(value)) values.push_back(other);
        for (const Value& other : values) {
            std::vector<Attribute> changed(list.begin(), list.end());
            changed[attribute].value = other;
            add(fmt::format("with {}={} instead of {}", name, value_text({name, other}), value_text({name, value})),
                inputs_, Attributes(changed));
        }
        std::vector<Attribute> fewer(list.begin(), list.end());
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(attribute));
        add(fmt::format("without {}", name), inputs_, Attributes(fewer));
    }

    std::vector<AlteredCall> take() { return std::move(calls_); }

private:
    void replace(std::size_t input, const Tensor& x) {
        Tensors inputs = inputs_;
        inputs[input] = x;
        add(fmt::format("with {} {} {} instead of {} {}", input_name(op_, input), to_string(x.dtype()),
                        to_string(x.shape()), to_string(inputs_[input].dtype()), to_string(inputs_[input].shape())),
            inputs, sample_.attributes);
    }

    void add(std::string change, const Tensors& inputs, const Attributes& attributes) {
        const bool nothing_to_index = is_empty_somewhere(sample_.inputs) || is_empty_somewhere(inputs);
        calls_.push_back({std::move(change), inputs, attributes, !(has_indices(inputs) && nothing_to_index)});
    }

    const OpDef& op_;
    const Sample& sample_;
    Tensors inputs_;
    std::vector<AlteredCall> calls_;
};

}  // namespace

std::vector<AlteredCall> altered_calls(const OpDef& op, const Sample& sample) {
    Alterations alterations(op, sample);
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) alterations.alter_input(i);
    alterations.add_input();
    for (std::size_t i = 0; i < sample.attributes.list().size(); ++i) alterations.alter_attribute(i);
    return alterations.take();
}

}  // namespace tapegrad
