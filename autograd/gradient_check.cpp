#include "autograd/gradient_check.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "autograd/tape.hpp"

namespace tapegrad {

namespace {

using Point = std::vector<Tensor>;
using Function = std::function<Tensor(const Point&)>;

bool is_float(const Tensor& x) { return x.dtype() != DType::i32; }

Tensor weighted_sum(std::span<const Tensor> values, std::span<const Tensor> weights) {
    Tensor total;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Tensor term = sum(cast(values[i], DType::f64) * weights[i]);
        total = total.defined() ? total + term : term;
    }
    return total;
}

Point random_like(const Point& point, SampleSource& source) {
    Point result;
    for (const Tensor& x : point) result.push_back(source.uniform(x.shape(), -1, 1));
    return result;
}

Point moved(const Point& point, const Point& direction, double distance) {
    Point result;
    for (std::size_t i = 0; i < point.size(); ++i) result.push_back(point[i] + direction[i] * distance);
    return result;
}

// Five-point central difference: the error is of fourth order in the step, so that a step far above rounding is exact
// enough.
double numerical_derivative(const Function& f, const Point& point, const Point& direction) {
    constexpr double h = 1e-3;
    const auto at = [&](double distance) { return f(moved(point, direction, distance)).item(); };
    return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

std::vector<Tensor> gradient_at(const Function& f, const Point& point) {
    Tape tape;
    for (const Tensor& x : point) tape.watch(x);
    return tape.gradient(f(point), point);
}

double relative_error(const Function& f, const Point& point, SampleSource& source) {
    const Point direction = random_like(point, source);
    const std::vector<Tensor> gradients = gradient_at(f, point);
    double analytic = 0, scale = 1e-4;
    for (std::size_t i = 0; i < point.size(); ++i) {
        for (const double term : (gradients[i] * direction[i]).values<double>()) {
            analytic += term;
            scale += std::abs(term);
        }
    }
    const double error = std::abs(analytic - numerical_derivative(f, point, direction)) / scale;
    return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace

std::optional<GradientError> check_gradient(const OpDef& op, const Sample& sample, std::size_t number,
                                            SampleSource& source) {
    std::vector<std::size_t> varied;
    Point point;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        if (!is_float(sample.inputs[i]) || std::ranges::count(op.constant_inputs, i) != 0) continue;
        varied.push_back(i);
        point.push_back(sample.inputs[i]);
    }
    const auto float_outputs = [&](const Point& x) {
        Tensors inputs = sample.inputs;
        for (std::size_t i = 0; i < varied.size(); ++i) inputs[varied[i]] = x[i];
        if (op.derive_constants) op.derive_constants(inputs, sample.attributes);
        const Tensors made = apply(op, inputs, sample.attributes);
        Point outputs;
        for (std::size_t i = 0; i < made.size() - op.auxiliary_outputs; ++i)
            if (is_float(made[i])) outputs.push_back(made[i]);
        return outputs;
    };
    const Point outputs = float_outputs(point);
    if (outputs.empty()) return std::nullopt;
    const bool coarse = std::ranges::any_of(outputs, [](const Tensor& y) { return y.dtype() == DType::f32; });

    const Point weights = random_like(outputs, source);
    const Function first = [&](const Point& x) { return weighted_sum(float_outputs(x), weights); };
    // A function of the inputs and of the weights: both stand in the vjp.
    const Point gradient_weights = random_like(point, source);
    const Function second = [&](const Point& x_and_weights) {
        const std::span<const Tensor> all(x_and_weights);
        const Point x(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(point.size()));
        const Function inner = [&](const Point& y) {
            return weighted_sum(float_outputs(y), all.subspan(point.size()));
        };
        return weighted_sum(gradient_at(inner, x), gradient_weights);
    };
    Point point_and_weights = point;
    point_and_weights.insert(point_and_weights.end(), weights.begin(), weights.end());
    const double first_order = relative_error(first, point, source);
    return GradientError{number, describe_call(op, sample.inputs, sample.attributes), first_order,
                         relative_error(second, point_and_weights, source), coarse ? 1e-3 : 1e-6};
}

std::vector<GradientError> check_gradients(const OpDef& op, const BackendPtr& backend, std::uint64_t seed) {
    SampleSource source(backend, DType::f64, seed);
    std::vector<GradientError> errors;
    const std::vector<Sample> samples = op.samples(source);
    for (std::size_t number = 0; number < samples.size(); ++number)
        if (const std::optional<GradientError> error = check_gradient(op, samples[number], number, source))
            errors.push_back(*error);
    return errors;
}

}  // namespace tapegrad
