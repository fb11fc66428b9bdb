// Calls of ops that begin as a sample of the op and are changed in shapes, dtypes, attributes, groupings and numbers.
// `infer` refuses what comes, or every kernel that runs keeps to its arrays and the op gives what `infer` promised.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "autograd/kernels.hpp"
#include "autograd/op.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tools/conformance/guarded_calls.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

constexpr std::int64_t most_elements = 4096;

/// The reference backend, each of whose kernels is watched.
struct Watched {
    std::vector<std::string> faults;
    std::unique_ptr<GuardedCalls> watch;
    BackendPtr backend;
    Watched() {
        for (const std::filesystem::path& file : plugin_files()) {
            if (plugin_name(file) != "reference" || backend != nullptr) continue;
            const FoundPlugin found = load_plugin(file);
            if (found.plugin == nullptr) finding(found.refusal);
            watch = std::make_unique<GuardedCalls>(*found.plugin, faults);
            backend = Backend::open(*found.plugin, 1, watch.get());
        }
        if (backend == nullptr) finding("the reference backend is not there");
    }
};

Watched& watched() {
    static Watched instance;
    return instance;
}

bool is_small(const Sample& sample) {
    return std::ranges::all_of(sample.inputs, [](const Tensor& x) { return x.size() <= 128; });
}

const std::vector<Sample>& small_samples(const OpDef& op, DType dtype) {
    static std::map<std::pair<std::string, DType>, std::vector<Sample>> known;
    const auto [entry, is_new] = known.try_emplace({op.name, dtype});
    if (is_new) {
        SampleSource source(watched().backend, dtype);
        for (const Sample& sample : op.samples(source))
            if (is_small(sample)) entry->second.push_back(sample);
    }
    return entry->second;
}

Shape changed(Shape shape, Choices& choices) {
    const std::size_t axis = choices.below(Shape::max_rank);
    const std::int64_t extent = choices.byte() % 10;
    switch (choices.below(4)) {
        case 0:
            if (shape.rank() < Shape::max_rank) shape.insert(axis % (shape.rank() + 1), extent);
            break;
        case 1:
            if (!shape.empty()) shape.erase(axis % shape.rank());
            break;
        default:
            if (!shape.empty()) shape[axis % shape.rank()] = extent;
    }
    return shape;
}

Dims changed_list(Dims list, Choices& choices) {
    const std::size_t at = choices.below(Dims::max_rank);
    const std::size_t change = choices.below(4);
    if (change == 0 && list.rank() < Dims::max_rank)
        list.insert(at % (list.rank() + 1), choices.integer());
    else if (change == 1 && !list.empty())
        list.erase(at % list.rank());
    else if (!list.empty())
        list[at % list.rank()] = choices.integer();
    return list;
}

Tensor filled(const Shape& shape, DType dtype, Choices& choices) {
    std::vector<double> numbers;
    std::vector<std::int32_t> whole;
    for (std::int64_t i = 0; i < element_count(shape); ++i) {
        if (dtype == DType::i32)
            whole.push_back(static_cast<std::int32_t>(choices.integer()));
        else
            numbers.push_back(choices.real());
    }
    return dtype == DType::i32 ? from_values(watched().backend, shape, whole)
                               : from_values(watched().backend, shape, numbers, dtype);
}

/// Is input `i` one of the three of a grouping, and the how manieth?
std::optional<std::size_t> part_of_grouping(const std::string& name) {
    constexpr std::string_view parts[] = {"index", "order", "offsets"};
    for (std::size_t i = 0; i < std::size(parts); ++i)
        if (name.ends_with(parts[i])) return i;
    return std::nullopt;
}

void change_input(const OpDef& op, Sample& sample, Choices& choices) {
    const std::size_t i = choices.below(sample.inputs.size());
    Tensor& x = sample.inputs[i];
    if (const auto part = part_of_grouping(input_name(op, i))) {
        // What a grouping holds is checked where it is made, so a call has whole ones.
        const std::int64_t groups = choices.byte() % 10;
        std::vector<std::int32_t> index(groups == 0 ? 0 : choices.below(16));
        for (std::int32_t& entry : index) entry = static_cast<std::int32_t>(choices.byte() % groups);
        const Grouping made = make_grouping(watched().backend, index, groups);
        std::ranges::copy(std::array{made.index, made.order, made.offsets}, &sample.inputs[i - *part]);
        return;
    }
    const Shape shape = choices.below(4) == 0 ? changed(x.shape(), choices) : x.shape();
    const DType dtype = choices.below(8) == 0 ? static_cast<DType>(choices.below(3)) : x.dtype();
    if (element_count(shape) <= most_elements) x = filled(shape, dtype, choices);
}

void change_attribute(Sample& sample, Choices& choices) {
    std::vector<Attribute> list(sample.attributes.list().begin(), sample.attributes.list().end());
    if (list.empty()) return;
    auto& value = list[choices.below(list.size())].value;
    if (std::holds_alternative<std::int64_t>(value))
        value = choices.integer();
    else if (std::holds_alternative<double>(value))
        value = choices.real();
    else
        value = changed_list(std::get<Dims>(value), choices);
    sample.attributes = Attributes(list);
}

void check_promised(const OpDef& op, const Sample& call, const TensorSpecs& specs, const Tensors& outputs) {
    const std::string words = describe_call(op, call.inputs, call.attributes);
    if (outputs.size() != specs.size()) finding("not as many outputs as promised: " + op.name + " " + words);
    for (std::size_t i = 0; i < outputs.size(); ++i)
        if (outputs[i].shape() != specs[i].shape || outputs[i].dtype() != specs[i].dtype)
            finding("another output than promised: " + op.name + " " + words);
    if (!watched().faults.empty()) finding(watched().faults.front() + " in " + op.name + " " + words);
}

void run(const OpDef& op, const Sample& call, const TensorSpecs& specs) {
    if (op.updates) {
        apply_update(op, call.inputs, call.attributes);
        return;
    }
    Tape tape;
    Tensors wanted;
    for (const Tensor& x : call.inputs)
        if (x.dtype() != DType::i32) wanted.push_back(x);
    for (const Tensor& x : wanted) tape.watch(x);
    const Tensors outputs = apply(op, call.inputs, call.attributes);
    check_promised(op, call, specs, outputs);
    if (!op.non_differentiable.empty() || !tape.tracks(outputs[0])) return;
    const std::vector<Tensor> gradients = tape.gradient(sum(outputs[0]), wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (gradients[i].shape() != wanted[i].shape()) finding("a gradient of another shape: " + op.name);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Choices choices(data, size);
    const auto ops = all_ops();
    const OpDef& op = ops[choices.below(ops.size())];
    const std::vector<Sample>& samples = small_samples(op, choices.below(2) == 0 ? DType::f32 : DType::f64);
    if (samples.empty()) return 0;
    // Update ops write into their inputs, so each call has its own.
    Sample call = samples[choices.below(samples.size())];
    for (Tensor& x : call.inputs) x = expand_copy(x, x.shape());
    for (int changes = 0; changes < 8 && !choices.empty(); ++changes) {
        if (choices.below(3) == 0)
            change_attribute(call, choices);
        else
            change_input(op, call, choices);
    }
    TensorSpecs specs;
    if (!accepts([&] { specs = infer_outputs(op, call.inputs, call.attributes); })) return 0;
    for (const TensorSpec& spec : specs)
        if (element_count(spec.shape) > most_elements) return 0;
    try {
        run(op, call, specs);
    } catch (const Error& error) {
        finding(std::string("infer takes what then fails: ") + error.what() + " in " + op.name + " " +
                describe_call(op, call.inputs, call.attributes));
    }
    return 0;
}
