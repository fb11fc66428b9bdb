// The gradient of every op, from its own samples; and proof that this would find a wrong one.
#include <boost/test/unit_test.hpp>

#include "autograd/errors.hpp"
#include "autograd/gradient_check.hpp"
#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/infer.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

using Call = const VjpCall&;

// What one sample gives: all outputs, then the gradients of the sum of all float outputs.
std::vector<Tensor> results_of(const OpDef& op, const Sample& sample) {
    if (op.updates) {
        apply_update(op, sample.inputs, sample.attributes);
        return {sample.inputs.begin(), sample.inputs.end()};
    }
    std::vector<Tensor> watched, floats, ones;
    Tape tape;
    for (std::size_t i = 0; i < sample.inputs.size(); ++i) {
        if (sample.inputs[i].dtype() == DType::i32 || std::ranges::count(op.constant_inputs, i) != 0) continue;
        tape.watch(sample.inputs[i]);
        watched.push_back(sample.inputs[i]);
    }
    const Tensors outputs = apply(op, sample.inputs, sample.attributes);
    for (const Tensor& output : std::span<const Tensor>(outputs).first(outputs.size() - op.auxiliary_outputs)) {
        if (output.dtype() == DType::i32) continue;
        floats.push_back(output);
        ones.push_back(full(output.backend(), output.shape(), 1, output.dtype()));
    }
    std::vector<Tensor> results(outputs.begin(), outputs.end());
    for (const Tensor& gradient : tape.pull_back(floats, ones, watched)) results.push_back(gradient);
    return results;
}

// a^2 b, with the gradient under test.
OpDef square_times(std::string name, Vjp vjp) {
    return {.name = std::move(name),
            .inputs = {"a", "b"},
            .infer = infer_broadcast,
            .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0] * in[1]}; },
            .vjp = std::move(vjp),
            .saves = {.inputs = {0, 1}},
            .samples = [](SampleSource& s) -> std::vector<Sample> {
                return {{{s.normal({211}), s.normal({211})}, {}}, {{s.normal({3, 1}), s.normal({5})}, {}}};
            }};
}

Tensor for_a(Call c) { return c.gradient() * c.input(0) * c.input(1) * 2.0; }
Tensor for_b(Call c) { return c.gradient() * c.input(0) * c.input(0); }

// x with its last element 1 % too large.
Tensor with_wrong_tail(const Tensor& x) {
    std::vector<double> factors(static_cast<std::size_t>(x.size()), 1);
    factors.back() = 1.01;
    return x * tensor(x.shape(), factors);
}

BOOST_AUTO_TEST_SUITE(autograd_gradient)

BOOST_AUTO_TEST_CASE(every_op_has_a_formula_shapes_samples_and_a_gradient_or_a_reason) {
    for (const OpDef& op : all_ops()) {
        BOOST_TEST_CONTEXT(op.name) {
            BOOST_TEST(!op.formula.empty());
            BOOST_TEST((!op.shapes.empty() || op.elementwise));
            BOOST_TEST((op.vjp || op.compose || !op.non_differentiable.empty()));
            BOOST_TEST(!(op.vjp && !op.non_differentiable.empty()));
            BOOST_TEST_REQUIRE(bool(op.samples));
            SampleSource source(reference(), DType::f64);
            const std::vector<Sample> samples = op.samples(source);
            BOOST_TEST(!samples.empty());
            for (const Sample& sample : samples) BOOST_TEST(!sample.inputs.empty());
        }
    }
}

BOOST_AUTO_TEST_CASE(every_gradient_agrees_with_central_differences_in_first_and_second_order) {
    for (const OpDef& op : all_ops()) {
        if (!op.non_differentiable.empty()) continue;
        const std::vector<GradientError> errors = check_gradients(op, reference());
        BOOST_TEST(!errors.empty(), op.name << " has no sample with a float output");
        for (const GradientError& error : errors) {
            BOOST_TEST_MESSAGE(op.name << " " << error.inputs << ": " << error.first_order << ", "
                                       << error.second_order);
            BOOST_TEST(error.passes(), op.name << ", sample " << error.sample << " (" << error.inputs
                                               << "): relative error " << error.first_order << " in first and "
                                               << error.second_order << " in second order, allowed "
                                               << error.tolerance);
        }
    }
}

BOOST_AUTO_TEST_CASE(every_sample_gives_in_f32_what_it_gives_in_f64) {
    for (const OpDef& op : all_ops()) {
        SampleSource single(reference(), DType::f32), exact(reference(), DType::f64);
        const std::vector<Sample> single_samples = op.samples(single), exact_samples = op.samples(exact);
        for (std::size_t number = 0; number < exact_samples.size(); ++number) {
            const std::vector<Tensor> got = results_of(op, single_samples[number]),
                                      wanted = results_of(op, exact_samples[number]);
            BOOST_TEST_REQUIRE(got.size() == wanted.size());
            for (std::size_t i = 0; i < got.size(); ++i)
                BOOST_TEST_CONTEXT(op.name << ", sample " << number << ", result " << i)
            BOOST_TEST(approximately(got[i], wanted[i].shape(), wanted[i].values<double>(),
                                     wanted[i].dtype() == DType::i32 ? 0 : 1e-4));
        }
    }
}

BOOST_AUTO_TEST_CASE(the_check_passes_a_right_gradient) {
    for (const GradientError& error : check_gradients(square_times("right", per_input({for_a, for_b})), reference()))
        BOOST_TEST(error.passes(), error.inputs << ": " << error.first_order << ", " << error.second_order);
}

BOOST_AUTO_TEST_CASE(the_check_looks_at_each_sample_in_turn) {
    const auto errors = check_gradients(square_times("two_samples", per_input({for_a, for_b})), reference());
    BOOST_TEST_REQUIRE(errors.size() == 2U);
    BOOST_TEST(errors[0].sample == 0U);
    BOOST_TEST(errors[1].sample == 1U);
}

BOOST_AUTO_TEST_CASE(an_error_passes_up_to_its_tolerance_in_both_orders) {
    const auto passes = [](double first, double second) { return GradientError{0, "", first, second, 0.5}.passes(); };
    BOOST_TEST(passes(0.5, 0.5));
    BOOST_TEST(!passes(0.75, 0.5));
    BOOST_TEST(!passes(0.5, 0.75));
}

BOOST_AUTO_TEST_CASE(the_check_finds_every_wrong_gradient) {
    const OpDef wrong[] = {
        square_times("sign_flipped", per_input({[](Call c) { return -for_a(c); }, for_b})),
        square_times("factor_2", per_input({[](Call c) { return for_a(c) * 2.0; }, for_b})),
        square_times("second_input_only", per_input({for_a, [](Call c) { return for_b(c) + 1e-4; }})),
        square_times("tail_only", per_input({[](Call c) { return with_wrong_tail(for_a(c)); }, for_b})),
        {.name = "composition_that_detaches",
         .inputs = {"x"},
         .infer = infer_same,
         .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0].detach()}; },
         .samples = [](SampleSource& s) -> std::vector<Sample> {
             return {{{s.normal({7})}, {}}};
         }},
    };
    for (const OpDef& op : wrong)
        for (const GradientError& error : check_gradients(op, reference()))
            BOOST_TEST(error.first_order > error.tolerance, op.name << " passed: " << error.inputs);
}

BOOST_AUTO_TEST_CASE(the_check_finds_gradients_that_are_wrong_in_second_order_only) {
    const OpDef wrong[] = {
        square_times("detached_input",
                     per_input({[](Call c) { return c.gradient() * c.input(0).detach() * c.input(1) * 2.0; }, for_b})),
        square_times("detached_gradient",
                     per_input({for_a, [](Call c) { return c.gradient().detach() * c.input(0) * c.input(0); }})),
    };
    for (const OpDef& op : wrong)
        for (const GradientError& error : check_gradients(op, reference())) {
            BOOST_TEST(error.first_order <= error.tolerance, op.name << ": " << error.inputs);
            BOOST_TEST(error.second_order > error.tolerance, op.name << " passed: " << error.inputs);
        }
}

BOOST_AUTO_TEST_CASE(a_vjp_of_the_wrong_number_shape_or_dtype_is_named) {
    struct Wrong {
        OpDef op;
        std::string expected, got;
    };
    const std::string input = "a gradient for input 1 of f64 [3]";
    const Wrong wrong[] = {
        {square_times("too_few", [](Call c) -> Tensors { return {for_a(c)}; }), "2 gradients", "got 1."},
        {square_times("too_many",
                      [](Call c) -> Tensors {
                          return {for_a(c), for_b(c), for_b(c)};
                      }),
         "2 gradients", "got 3."},
        {square_times("too_short", per_input({for_a, [](Call c) { return narrow(for_b(c), 0, 0, 2); }})), input,
         "got f64 [2]"},
        {square_times("scalar", per_input({for_a, [](Call c) { return sum(for_b(c)); }})), input, "got f64 []"},
        {square_times("other_dtype", per_input({for_a, [](Call c) { return cast(for_b(c), DType::f32); }})), input,
         "got f32 [3]"},
        {square_times("missing", per_input({for_a, nullptr})), input, "got none"},
    };
    for (const auto& [op, expected, got] : wrong) {
        const Tensor a = tensor({3}, {1, 2, 3}), b = tensor({3}, {4, 5, 6});
        Tape tape;
        tape.watch(a);
        tape.watch(b);
        const Tensor loss = sum(apply_one(op, {a, b}));
        expect_error<TapeError>([&] { tape.gradient(loss, {a, b}); }, {op.name + ":", expected, got});
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
