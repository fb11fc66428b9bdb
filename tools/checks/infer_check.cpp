#include "tools/checks/infer_check.hpp"

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "tools/checks/altered_calls.hpp"

namespace tapegrad {
namespace {

/// A call that `infer` refused as it should.
struct Refusal {
    std::string message;
};

/// A call that shows a defect of the op.
struct Fault {
    std::string message;
};

std::string to_text(const TensorSpec& spec) { return to_string(spec.dtype) + " " + to_string(spec.shape); }

/// What `infer` says, or a Refusal. Throws Fault for an error that does not tell the caller of the op what is wrong.
std::variant<TensorSpecs, Refusal> promised(const OpDef& op, std::span<const Tensor> inputs,
                                            const Attributes& attributes) {
    const auto refusal = [&](const Error& error) -> Refusal {
        if (std::string(error.what()).starts_with(op.name + ":")) return {error.what()};
        throw Fault{fmt::format("infer's error does not name the op: {}", error.what())};
    };
    try {
        return infer_outputs(op, inputs, attributes);
    } catch (const ShapeError& error) {
        return refusal(error);
    } catch (const TypeError& error) {
        return refusal(error);
    } catch (const IndexError& error) {
        return refusal(error);
    } catch (const std::exception& error) {
        throw Fault{fmt::format("infer's error is no ShapeError, TypeError or IndexError: {}", error.what())};
    }
}

/// An update op by its composition alone, so that the inputs stay as they are.
Tensors forward(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes,
                const TensorSpecs& specs) {
    const NoTape no_tape;
    if (op.run) return op.run(inputs, attributes, specs);
    if (op.compose) return op.compose(inputs, attributes);
    return apply(op, inputs, attributes);
}

/// Throws Fault unless each output of an update op is like the input that it overwrites.
void check_overwritten(const OpDef& op, std::span<const Tensor> inputs, const TensorSpecs& specs) {
    if (op.updates && specs.size() > inputs.size())
        throw Fault{fmt::format("infer promises {} outputs, but there are {} inputs to overwrite", specs.size(),
                                inputs.size())};
    for (std::size_t i = 0; op.updates && i < specs.size(); ++i) {
        const std::string target = to_text(TensorSpec{inputs[i].shape(), inputs[i].dtype()});
        if (to_text(specs[i]) != target)
            throw Fault{fmt::format("infer promises {} as output {}, which overwrites {} {}", to_text(specs[i]), i,
                                    input_name(op, i), target)};
    }
}

/// Throws Fault unless the op runs and gives what was promised.
void check_forward(const OpDef& op, std::span<const Tensor> inputs, const Attributes& attributes,
                   const TensorSpecs& specs) {
    check_overwritten(op, inputs, specs);
    const std::string what = op.run ? "`run`" : op.compose ? "the composition" : "the op";
    Tensors outputs;
    try {
        outputs = forward(op, inputs, attributes, specs);
    } catch (const std::exception& error) {
        throw Fault{fmt::format("infer accepts it, but {} fails: {}", what, error.what())};
    }
    if (specs.empty() || outputs.size() != specs.size())
        throw Fault{fmt::format("infer promises {} outputs, {} gives {}", specs.size(), what, outputs.size())};
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string got =
            outputs[i].defined() ? to_text(TensorSpec{outputs[i].shape(), outputs[i].dtype()}) : "an undefined tensor";
        if (got != to_text(specs[i]))
            throw Fault{fmt::format("infer promises {} as output {}, {} gives {}", to_text(specs[i]), i, what, got)};
    }
}

void check_sample(const OpDef& op, const Sample& sample) {
    const auto answer = promised(op, sample.inputs, sample.attributes);
    if (const Refusal* refusal = std::get_if<Refusal>(&answer))
        throw Fault{fmt::format("it is refused: {}", refusal->message)};
    check_forward(op, sample.inputs, sample.attributes, std::get<TensorSpecs>(answer));
    op.updates ? apply_update(op, sample.inputs, sample.attributes) : apply(op, sample.inputs, sample.attributes);
}

void check_altered(const OpDef& op, const AlteredCall& call, InferReport& report) {
    const auto answer = promised(op, call.inputs, call.attributes);
    if (std::holds_alternative<Refusal>(answer)) {
        ++report.refused;
    } else if (!call.in_range) {
        ++report.not_run;
    } else {
        check_forward(op, call.inputs, call.attributes, std::get<TensorSpecs>(answer));
        ++report.right;
    }
}

}  // namespace

InferReport check_infer(const OpDef& op, const BackendPtr& backend, std::uint64_t seed,
                        const std::function<void(const std::string& call)>& begin) {
    InferReport report;
    const auto check = [&](const std::string& call, const auto& action) {
        std::string fault;
        begin(call);
        try {
            action();
            return;
        } catch (const Fault& found) {
            fault = found.message;
        } catch (const std::exception& error) {
            fault = error.what();
        }
        report.faults.push_back(fmt::format("{}: {}", call, fault));
    };
    for (const DType dtype : {DType::f64, DType::f32}) {
        SampleSource source(backend, dtype, seed);
        const std::vector<Sample> samples = op.samples(source);
        for (std::size_t number = 0; number < samples.size(); ++number) {
            const Sample& sample = samples[number];
            const std::string name = fmt::format("sample {}", number);
            for (const AlteredCall& call : dtype == DType::f64 ? altered_calls(op, sample) : std::vector<AlteredCall>())
                check(fmt::format("{} {}", name, call.change), [&] { check_altered(op, call, report); });
            check(fmt::format("{} ({})", name, describe_call(op, sample.inputs, sample.attributes)),
                  [&] { check_sample(op, sample); });
        }
    }
    return report;
}

}  // namespace tapegrad
