#include "tools/checks/op_check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "autograd/samples.hpp"
#include "tools/common/output.hpp"

namespace tapegrad {
namespace {

using Begin = std::function<void(const std::string& what)>;

/// What can be seen without running anything.
std::vector<std::string> definition_faults(const OpDef& op) {
    std::vector<std::string> faults;
    const auto demand = [&](bool holds, const std::string& fault) {
        if (!holds) faults.push_back(fault);
    };
    const auto demand_inputs = [&](const char* what, const std::vector<std::size_t>& list) {
        for (const std::size_t input : list)
            demand(input < op.inputs.size(), fmt::format("{} names input {} of {}", what, input, op.inputs.size()));
    };
    demand(!op.formula.empty(), "it has no formula");
    demand(!op.shapes.empty() || op.elementwise, "it has no line of shapes, and is not elementwise");
    demand(!op.inputs.empty(), "it declares no inputs");
    demand(op.vjp || op.compose || !op.non_differentiable.empty(),
           "it has neither a vjp nor a composition to differentiate, nor says why it has no gradient");
    demand(!op.vjp || op.non_differentiable.empty(), "it has a vjp and says that it has no gradient");
    demand(!op.updates || !op.non_differentiable.empty(),
           "it overwrites its inputs, and does not say that it has no gradient");
    demand(bool(op.samples), "it has no samples");
    demand_inputs("`saves`", op.saves.inputs);
    demand_inputs("`constant_inputs`", op.constant_inputs);
    return faults;
}

void check_gradients_of(const OpDef& op, const std::vector<Sample>& samples, SampleSource& source, const Begin& begin,
                        OpJudgement& judgement) {
    for (std::size_t number = 0; number < samples.size(); ++number) {
        const Sample& sample = samples[number];
        const auto add_fault = [&](const std::string& fault) {
            judgement.faults.push_back(
                fmt::format("sample {} ({}): {}", number, describe_call(op, sample.inputs, sample.attributes), fault));
        };
        begin(fmt::format("the gradient of sample {}", number));
        try {
            const std::optional<GradientError> error = check_gradient(op, sample, number, source);
            if (!error) continue;
            judgement.gradients.push_back(*error);
            if (!std::isfinite(error->first_order) || !std::isfinite(error->second_order))
                add_fault("the op or its gradient is not finite there");
            else if (!error->passes())
                add_fault(
                    fmt::format("the gradient is off by {:.1e} in first and {:.1e} in second order, {:.0e} is allowed",
                                error->first_order, error->second_order, error->tolerance));
        } catch (const std::exception& error) {
            add_fault(fmt::format("its gradient: {}", error.what()));
        }
    }
}

void check_by_samples(const OpDef& op, const BackendPtr& backend, std::uint64_t seed, const Begin& begin,
                      OpJudgement& judgement) {
    begin("its samples");
    SampleSource source(backend, DType::f64, seed);
    const std::vector<Sample> samples = op.samples(source);
    judgement.samples = samples.size();
    if (samples.empty()) judgement.faults.emplace_back("it has no samples");
    if (std::ranges::any_of(samples, [](const Sample& sample) { return sample.inputs.empty(); })) {
        judgement.faults.emplace_back("it has a sample without inputs");
        return;
    }
    const auto has_elements = [](const Sample& sample) {
        return std::ranges::all_of(sample.inputs, [](const Tensor& input) { return input.size() > 0; });
    };
    if (std::ranges::none_of(samples, has_elements))
        judgement.faults.emplace_back("every sample has an empty input, so that nothing is checked");
    if (op.non_differentiable.empty()) {
        check_gradients_of(op, samples, source, begin, judgement);
        if (judgement.gradients.empty() && judgement.faults.empty())
            judgement.faults.emplace_back("no sample has a float output, so that no gradient is checked");
    }
    judgement.infer = check_infer(op, backend, seed, begin);
    judgement.faults.insert(judgement.faults.end(), judgement.infer.faults.begin(), judgement.infer.faults.end());
}

std::string plural(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// "24 gradients right (worst 3.1e-09 of 1e-06)".
std::string gradients_in_words(const OpJudgement& judgement) {
    if (!judgement.non_differentiable.empty()) return "no gradient (" + judgement.non_differentiable + ")";
    double worst = 0, tolerance = 1e-6;
    for (const GradientError& error : judgement.gradients) {
        const double larger = std::max(error.first_order, error.second_order);
        if (larger / error.tolerance < worst / tolerance) continue;
        worst = larger;
        tolerance = error.tolerance;
    }
    return fmt::format("{} right (worst {:.1e} of {:.0e})", plural(2 * judgement.gradients.size(), "gradient"), worst,
                       tolerance);
}

}  // namespace

OpJudgement judge_op(const OpDef& op, const BackendPtr& backend, std::uint64_t seed, const Begin& begin) {
    OpJudgement judgement{.op = op.name, .formula = op.formula, .non_differentiable = op.non_differentiable};
    judgement.faults = definition_faults(op);
    const auto names_no_input = [](const std::string& fault) {
        return fault.find(" names input ") != std::string::npos;
    };
    if (op.inputs.empty() || !op.samples || std::ranges::any_of(judgement.faults, names_no_input)) return judgement;
    try {
        check_by_samples(op, backend, seed, begin, judgement);
    } catch (const std::exception& error) {
        judgement.faults.push_back(fmt::format("making its samples fails: {}", error.what()));
    }
    return judgement;
}

std::string gradient_table(const OpJudgement& judgement) {
    if (judgement.gradients.empty()) return "";
    Table table({"sample", "first order", "second order", "allowed", ""});
    for (const GradientError& error : judgement.gradients) {
        const std::string inputs = error.inputs.size() < 72 ? error.inputs : error.inputs.substr(0, 69) + "...";
        table.add({fmt::format("{:>2}: {}", error.sample, inputs), fmt::format("{:.1e}", error.first_order),
                   fmt::format("{:.1e}", error.second_order), fmt::format("{:.0e}", error.tolerance),
                   error.passes() ? "ok" : "FAILED"});
    }
    return table.text();
}

std::string summary(const OpJudgement& judgement, std::size_t most) {
    const InferReport& infer = judgement.infer;
    if (judgement.passes())
        return fmt::format("{}: {}, {}, {} refused, {} accepted and right{}\n", judgement.op,
                           plural(judgement.samples, "sample"), gradients_in_words(judgement),
                           plural(infer.refused, "bad call"), infer.right,
                           infer.not_run == 0 ? "" : fmt::format(", {} accepted and not run", infer.not_run));
    std::string text = fmt::format("{}: {}\n", judgement.op, plural(judgement.faults.size(), "fault"));
    for (std::size_t i = 0; i < std::min(judgement.faults.size(), most); ++i) text += "  " + judgement.faults[i] + "\n";
    if (judgement.faults.size() > most) text += fmt::format("  and {} more\n", judgement.faults.size() - most);
    return text;
}

nlohmann::json to_json(const OpJudgement& judgement) {
    nlohmann::json gradients = nlohmann::json::array();
    for (const GradientError& error : judgement.gradients)
        gradients.push_back({{"sample", error.sample},
                             {"call", error.inputs},
                             {"first_order", error.first_order},
                             {"second_order", error.second_order},
                             {"tolerance", error.tolerance},
                             {"passes", error.passes()}});
    return {{"op", judgement.op},
            {"samples", judgement.samples},
            {"passes", judgement.passes()},
            {"non_differentiable", judgement.non_differentiable},
            {"gradients", gradients},
            {"bad_calls_refused", judgement.infer.refused},
            {"calls_accepted_and_right", judgement.infer.right},
            {"calls_accepted_and_not_run", judgement.infer.not_run},
            {"faults", judgement.faults}};
}

}  // namespace tapegrad
