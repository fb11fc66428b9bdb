#include "autograd/samples.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

namespace tapegrad {

namespace {

std::vector<double> generate(const Shape& shape, const std::function<double()>& draw) {
    std::vector<double> elements(static_cast<std::size_t>(element_count(shape)));
    std::ranges::generate(elements, draw);
    return elements;
}

std::vector<std::int32_t> generate_integers(std::int64_t size, std::int64_t count, HostRandom& random) {
    std::vector<std::int32_t> elements(static_cast<std::size_t>(size));
    std::ranges::generate(elements, [&] { return static_cast<std::int32_t>(random.integer(count)); });
    return elements;
}

}  // namespace

Tensor SampleSource::values(const Shape& shape, std::span<const double> elements) {
    return from_values(backend_, shape, elements, dtype_);
}

Tensor SampleSource::constant(const Shape& shape, double value) { return full(backend_, shape, value, dtype_); }

Tensor SampleSource::normal(const Shape& shape) {
    return values(shape, generate(shape, [&] { return random_.normal(); }));
}

Tensor SampleSource::uniform(const Shape& shape, double low, double high) {
    return values(shape, generate(shape, [&] { return random_.uniform(low, high); }));
}

Tensor SampleSource::normal_away_from(const Shape& shape, std::vector<double> kinks) {
    return values(shape, generate(shape, [&] {
                      while (true) {
                          const double x = random_.normal();
                          if (std::ranges::all_of(kinks, [&](double kink) { return std::abs(x - kink) > 0.1; }))
                              return x;
                      }
                  }));
}

Tensor SampleSource::distinct(const Shape& shape) {
    std::vector<double> elements(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < elements.size(); ++i) elements[i] = 0.1 * static_cast<double>(i) - 1;
    for (std::size_t i = elements.size(); i > 1; --i)
        std::swap(elements[i - 1], elements[static_cast<std::size_t>(random_.integer(static_cast<std::int64_t>(i)))]);
    return values(shape, elements);
}

Grouping SampleSource::grouping(std::int64_t entries, std::int64_t groups) {
    return make_grouping(backend_, generate_integers(entries, groups, random_), groups);
}

Tensor SampleSource::integers(const Shape& shape, std::int64_t count) {
    return from_values(backend_, shape,
                       std::span<const std::int32_t>(generate_integers(element_count(shape), count, random_)));
}

Tensor SampleSource::key() {
    return random_key(backend_, random_.bits(), static_cast<std::uint32_t>(random_.integer(1000)));
}

std::string value_text(const Attribute& attribute) {
    if (const Dims* dims = std::get_if<Dims>(&attribute.value)) return to_string(*dims);
    if (const double* real = std::get_if<double>(&attribute.value)) return fmt::format("{}", *real);
    return fmt::format("{}", std::get<std::int64_t>(attribute.value));
}

std::string to_string(const Attributes& attributes) {
    std::string text;
    for (const Attribute& attribute : attributes.list())
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", attribute.name, value_text(attribute));
    return text;
}

std::string input_name(const OpDef& op, std::size_t input) {
    if (op.inputs.empty()) return fmt::format("{}", input);
    const bool variadic = op.inputs.back().ends_with("...");
    if (input + 1 < op.inputs.size() || !variadic) return op.inputs[std::min(input, op.inputs.size() - 1)];
    const std::string& name = op.inputs.back();
    return fmt::format("{}[{}]", name.substr(0, name.size() - 3), input + 1 - op.inputs.size());
}

std::string describe_call(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes) {
    std::string text;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        text += fmt::format("{}{} {} {}", text.empty() ? "" : ", ", input_name(op, i), to_string(inputs[i].dtype()),
                            to_string(inputs[i].shape()));
    const std::string of_attributes = to_string(attributes);
    return text + (text.empty() || of_attributes.empty() ? "" : ", ") + of_attributes;
}

}  // namespace tapegrad
