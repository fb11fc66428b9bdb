#include "tools/benchmarks/sample_times.hpp"

#include <algorithm>
#include <functional>
#include <span>

#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "tools/benchmarks/measure.hpp"

namespace tapegrad {
namespace {

using Forward = std::function<Tensors()>;

bool is_float(const Tensor& x) { return x.dtype() != DType::i32; }

std::int64_t elements(const Sample& sample) {
    std::int64_t count = 0;
    for (const Tensor& input : sample.inputs) count += input.size();
    return count;
}

std::string describe(const Sample& sample) {
    std::string text;
    for (const Tensor& input : sample.inputs)
        text += (text.empty() ? "" : ", ") + to_string(input.dtype()) + " " + to_string(input.shape());
    return text;
}

std::int64_t bytes_of(std::span<const Tensor> tensors) {
    std::int64_t bytes = 0;
    for (const Tensor& x : tensors) bytes += static_cast<std::int64_t>(x.bytes());
    return bytes;
}

// The smallest that is not empty, and the largest.
std::vector<Sample> extremes(std::vector<Sample> samples) {
    const auto fewer = [](const Sample& a, const Sample& b) { return elements(a) < elements(b); };
    std::erase_if(samples, [](const Sample& sample) {
        return std::ranges::any_of(sample.inputs, [](const Tensor& input) { return input.size() == 0; });
    });
    if (samples.size() < 2) return samples;
    const auto [smallest, largest] = std::ranges::minmax_element(samples, fewer);
    return {*smallest, *largest};
}

// The inputs that a gradient flows to.
std::vector<Tensor> varied_inputs(const OpDef& op, const Sample& sample) {
    std::vector<Tensor> varied;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i)
        if (is_float(sample.inputs[i]) && std::ranges::count(op.constant_inputs, i) == 0)
            varied.push_back(sample.inputs[i]);
    return varied;
}

// Forward and backward, with ones as the gradient of every float output that has one.
std::optional<double> time_gradient(const OpDef& op, const Sample& sample, const Forward& forward, double seconds) {
    const std::vector<Tensor> varied = varied_inputs(op, sample);
    const auto differentiable = [&](const Tensors& all) {
        std::vector<Tensor> outputs;
        for (std::size_t i = 0; i + op.auxiliary_outputs < all.size(); ++i)
            if (is_float(all[i])) outputs.push_back(all[i]);
        return outputs;
    };
    std::vector<Tensor> ones;
    for (const Tensor& output : differentiable(forward()))
        ones.push_back(full(output.backend(), output.shape(), 1, output.dtype()));
    if (!op.non_differentiable.empty() || varied.empty() || ones.empty()) return std::nullopt;
    return measure_blocks(
               [&] {
                   Tape tape;
                   for (const Tensor& input : varied) tape.watch(input);
                   const std::vector<Tensor> outputs = differentiable(forward());
                   tape.pull_back(outputs, ones, varied);
               },
               seconds, [&] { ones[0].backend()->sync(); })
        .median;
}

double time_forward(const Forward& forward, Backend& backend, double seconds) {
    return measure_blocks([&] { forward(); }, seconds, [&] { backend.sync(); }).median;
}

SampleTimes time_sample(const OpDef& op, const Sample& sample, const BackendPtr& backend, double seconds) {
    const Forward apply_op = [&] {
        return op.updates ? apply_update(op, sample.inputs, sample.attributes)
                          : apply(op, sample.inputs, sample.attributes);
    };
    Tensors written = apply_op();
    const DType dtype = written[0].dtype();
    const std::int64_t bytes = bytes_of(sample.inputs) + bytes_of(written);
    written.clear();  // its memory is used again by what is timed
    SampleTimes times{.op = op.name,
                      .inputs = describe(sample),
                      .native = op.run || backend->kernel(KernelId(op.name), dtype) != nullptr,
                      .bytes = bytes,
                      .forward = time_forward(apply_op, *backend, seconds),
                      .gradient = op.updates ? std::nullopt : time_gradient(op, sample, apply_op, seconds)};
    if (op.compose) {
        const Forward compose = [&] { return op.compose(sample.inputs, sample.attributes); };
        times.composed_forward = time_forward(compose, *backend, seconds);
        if (!op.updates) times.composed_gradient = time_gradient(op, sample, compose, seconds);
    }
    return times;
}

}  // namespace

std::vector<SampleTimes> time_samples(const OpDef& op, const BackendPtr& backend, double seconds) {
    SampleSource source(backend, DType::f32);
    std::vector<SampleTimes> times;
    for (const Sample& sample : extremes(op.samples(source)))
        times.push_back(time_sample(op, sample, backend, seconds));
    return times;
}

}  // namespace tapegrad
