// What comes back from a tape: gradients added up, returned, handed on, and the errors of a wrong request.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

Tensor scalar(double value) { return tensor({}, {value}); }

std::vector<Tensor> pull_back(Tape& tape, const std::vector<Tensor>& outputs, const std::vector<Tensor>& cotangents,
                              const std::vector<Tensor>& wrt) {
    return tape.pull_back(outputs, cotangents, wrt);
}

// The gradient of sum(op(a, b) * weights) for a and b.
std::vector<Tensor> weighted(Tensor (*op)(const Tensor&, const Tensor&), const Tensor& a, const Tensor& b,
                             const Tensor& weights) {
    Tape tape;
    tape.watch(a);
    tape.watch(b);
    return tape.gradient(sum(op(a, b) * weights), {a, b});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_tape_backward)

BOOST_AUTO_TEST_CASE(backward_adds_into_the_grad_of_parameters) {
    const Tensor weight = parameter(tensor({2}, {3, 5}));
    BOOST_TEST(!weight.grad().defined());
    for (const double factor : {1.0, 2.0}) {
        Tape tape;
        tape.backward(sum(weight * weight));
        BOOST_TEST(approximately(weight.grad(), {2}, {6 * factor, 10 * factor}));
    }
}

BOOST_AUTO_TEST_CASE(backward_multiplies_by_the_gradient_that_it_is_given) {
    const Tensor w = parameter(tensor({2}, {3, 4}));
    {
        Tape tape;
        tape.backward(sum(w * w), tensor({}, {0.5}));
    }
    BOOST_TEST(approximately(w.grad(), {2}, {3, 4}));
    Tape tape;
    const Tensor loss = sum(w * w);
    expect_error<ShapeError>([&] { tape.backward(loss, tensor({2}, {1, 1})); }, {"[2]", "[]"});
    BOOST_CHECK_NO_THROW(tape.backward(loss));
}

BOOST_AUTO_TEST_CASE(backward_gives_no_grad_to_a_tensor_that_is_only_watched) {
    const Tensor weight = parameter(scalar(3)), x = scalar(2);
    Tape tape;
    tape.watch(x);
    tape.backward(weight * x);
    BOOST_TEST(approximately(weight.grad(), {}, {2}));
    BOOST_TEST(!x.grad().defined());
}

BOOST_AUTO_TEST_CASE(backward_leaves_a_parameter_that_the_loss_does_not_use_alone) {
    const Tensor used = parameter(scalar(3)), unused = parameter(scalar(4)), elsewhere = parameter(scalar(5));
    Tape tape;
    const Tensor other = elsewhere * elsewhere;
    tape.backward(used * used);
    BOOST_TEST(!unused.grad().defined());
    BOOST_TEST(!elsewhere.grad().defined());
}

BOOST_AUTO_TEST_CASE(gradient_touches_no_grad) {
    const Tensor weight = parameter(scalar(3)), started = parameter(scalar(4));
    started.set_grad(scalar(100));
    Tape tape;
    const std::vector<Tensor> gradients = tape.gradient(weight * started, {weight, started});
    BOOST_TEST(approximately(gradients[0], {}, {4}));
    BOOST_TEST(approximately(gradients[1], {}, {3}));
    BOOST_TEST(!weight.grad().defined());
    BOOST_TEST(approximately(started.grad(), {}, {100}));
}

BOOST_AUTO_TEST_CASE(gradient_is_zeros_for_what_the_loss_does_not_use) {
    const Tensor x = scalar(3), watched = tensor({2, 3}, {1, 2, 3, 4, 5, 6}, DType::f32),
                 weight = parameter(tensor({2}, {1, 2}));
    Tape tape;
    tape.watch(x);
    tape.watch(watched);
    const std::vector<Tensor> gradients = tape.gradient(x * x, {watched, weight});
    BOOST_TEST(approximately(gradients[0], {2, 3}, {0, 0, 0, 0, 0, 0}));
    BOOST_TEST((gradients[0].dtype() == DType::f32));
    BOOST_TEST(approximately(gradients[1], {2}, {0, 0}));
}

BOOST_AUTO_TEST_CASE(gradient_of_a_constant_is_zeros) {
    const Tensor x = tensor({2}, {1, 2});
    Tape tape;
    tape.watch(x);
    BOOST_TEST(approximately(tape.gradient(scalar(7), {x})[0], {2}, {0, 0}));
}

BOOST_AUTO_TEST_CASE(unwatched_tensor_is_an_error_that_says_watch_it) {
    const Tensor x = scalar(3), forgotten = tensor({4, 2}, std::vector<double>(8));
    Tape tape;
    tape.watch(x);
    expect_error<TapeError>([&] { tape.gradient(x * x, {x, forgotten}); }, {"gradient", "[4, 2]", "watch it"});
}

BOOST_AUTO_TEST_CASE(refused_request_does_not_use_the_tape_up) {
    const Tensor x = scalar(3);
    Tape tape;
    tape.watch(x);
    const Tensor y = x * x;
    expect_error<TapeError>([&] { tape.gradient(y, {scalar(1)}); }, {"watch it"});
    BOOST_TEST(approximately(tape.gradient(y, {x})[0], {}, {6}));
}

BOOST_AUTO_TEST_CASE(gradients_for_results_on_the_way_are_returned_too) {
    const Tensor x = scalar(3);
    Tape tape;
    tape.watch(x);
    const Tensor y = x * x, z = y * y;
    const std::vector<Tensor> gradients = tape.gradient(z, {x, y, z, x});
    BOOST_TEST(approximately(gradients[0], {}, {4 * 27}));
    BOOST_TEST(approximately(gradients[1], {}, {2 * 9}));
    BOOST_TEST(approximately(gradients[2], {}, {1}));
    BOOST_TEST(approximately(gradients[3], {}, {4 * 27}));
}

BOOST_AUTO_TEST_CASE(gradients_of_all_uses_of_a_tensor_add_up) {
    const Tensor x = scalar(3);
    Tape tape;
    tape.watch(x);
    const Tensor y = x * x;
    BOOST_TEST(approximately(tape.gradient(y * x + y + x, {x})[0], {}, {27 + 6 + 1}));
}

BOOST_AUTO_TEST_CASE(gradient_that_arrives_once_is_handed_on_not_copied) {
    const Tensor x = tensor({2}, {1, 2}), cotangent = tensor({2}, {10, 20});
    Tape tape;
    tape.watch(x);
    const Tensor gradient = pull_back(tape, {x + scalar(1)}, {cotangent}, {x})[0];
    BOOST_TEST(gradient.array().data == cotangent.array().data);
}

BOOST_AUTO_TEST_CASE(second_gradient_that_arrives_is_added_in_new_memory) {
    const Tensor x = tensor({2}, {1, 2}), cotangent = tensor({2}, {10, 20});
    Tape tape;
    tape.watch(x);
    const Tensor gradient = pull_back(tape, {x + x}, {cotangent}, {x})[0];
    BOOST_TEST(approximately(gradient, {2}, {20, 40}));
    BOOST_TEST(approximately(cotangent, {2}, {10, 20}));
}

BOOST_AUTO_TEST_CASE(broadcasting_is_undone) {
    const Tensor matrix = tensor({2, 3}, {1, 2, 3, 4, 5, 6}), weights = tensor({2, 3}, {1, 10, 100, 2, 20, 200});
    const auto of_second = [&](const Tensor& b) { return weighted(add, matrix, b, weights)[1]; };
    BOOST_TEST(approximately(of_second(tensor({3}, {0, 0, 0})), {3}, {3, 30, 300}));
    BOOST_TEST(approximately(of_second(tensor({1, 3}, {0, 0, 0})), {1, 3}, {3, 30, 300}));
    BOOST_TEST(approximately(of_second(tensor({2, 1}, {0, 0})), {2, 1}, {111, 222}));
    BOOST_TEST(approximately(of_second(tensor({1}, {0})), {1}, {333}));
    BOOST_TEST(approximately(of_second(scalar(0)), {}, {333}));
    const Tensor row = tensor({1, 3}, {1, 2, 3}), column = tensor({2, 1}, {5, 7});
    const std::vector<Tensor> both = weighted(mul, row, column, weights);
    BOOST_TEST(approximately(both[0], {1, 3}, {5 + 14, 50 + 140, 500 + 1400}));
    BOOST_TEST(approximately(both[1], {2, 1}, {321, 642}));
}

BOOST_AUTO_TEST_CASE(pull_back_weighs_several_outputs) {
    const Tensor x = tensor({2}, {3, 5});
    Tape tape;
    tape.watch(x);
    const Tensor squares = x * x, constant = scalar(1);
    const Tensor gradient =
        pull_back(tape, {squares, exp(x) * scalar(0), squares, constant},
                  {tensor({2}, {1, 10}), tensor({2}, {1, 1}), tensor({2}, {100, 0}), scalar(9)}, {x})[0];
    BOOST_TEST(approximately(gradient, {2}, {6 * 101, 10 * 10}));
}

BOOST_AUTO_TEST_CASE(pull_back_refuses_cotangents_that_do_not_fit) {
    const Tensor x = tensor({2}, {3, 5});
    Tape tape;
    tape.watch(x);
    const Tensor y = x * x;
    expect_error<TapeError>([&] { pull_back(tape, {y}, {}, {x}); }, {"pull_back", "1", "0"});
    expect_error<ShapeError>([&] { pull_back(tape, {y}, {tensor({3}, {1, 2, 3})}, {x}); }, {"pull_back", "[2]", "[3]"});
    expect_error<TypeError>(
        [&] {
            pull_back(tape, {y}, {tensor({2}, {1, 2}, DType::f32)}, {x});
        },
        {"pull_back", "f64", "f32"});
    BOOST_TEST(approximately(pull_back(tape, {y}, {tensor({2}, {1, 1})}, {x})[0], {2}, {6, 10}));
}

BOOST_AUTO_TEST_CASE(loss_of_any_shape_with_one_element_will_do) {
    for (const DType dtype : float_types) {
        const Tensor x = tensor({1, 1}, {3}, dtype);
        Tape tape;
        tape.watch(x);
        const Tensor gradient = tape.gradient(x * x, {x})[0];
        BOOST_TEST(approximately(gradient, {1, 1}, {6}));
        BOOST_TEST((gradient.dtype() == dtype));
    }
}

BOOST_AUTO_TEST_CASE(loss_with_several_elements_is_refused) {
    const Tensor weight = parameter(tensor({2, 3}, std::vector<double>(6)));
    Tape tape;
    const Tensor y = weight * weight;
    expect_error<ShapeError>([&] { tape.backward(y); }, {"backward", "one element", "[2, 3]", "sum or mean"});
    expect_error<ShapeError>([&] { tape.gradient(y, {weight}); }, {"one element", "[2, 3]", "sum or mean"});
}

BOOST_AUTO_TEST_CASE(loss_computed_without_the_tape_is_refused) {
    const Tensor weight = parameter(scalar(3));
    const Tensor before = weight * weight;
    Tape tape;
    expect_error<TapeError>([&] { tape.backward(before); }, {"backward", "did not record", "while the tape lives"});
    {
        const NoTape no_tape;
        const Tensor suspended = weight * weight;
        expect_error<TapeError>([&] { tape.backward(suspended); }, {"did not record"});
    }
    BOOST_TEST(!weight.grad().defined());
}

BOOST_AUTO_TEST_CASE(second_backward_says_what_to_do) {
    const Tensor weight = parameter(scalar(3));
    Tape tape;
    const Tensor loss = weight * weight;
    tape.backward(loss);
    for (const auto& again :
         {std::function([&] { tape.backward(loss); }), std::function([&] { tape.gradient(loss, {weight}); })})
        expect_error<TapeError>(again,
                                {"second backward", "record the forward pass again", "all gradients in one call"});
    BOOST_TEST(approximately(weight.grad(), {}, {6}));
}

BOOST_AUTO_TEST_CASE(used_tape_records_no_more) {
    const Tensor weight = parameter(scalar(3));
    Tape tape;
    tape.backward(weight * weight);
    const std::size_t before = tape.nodes().size();
    BOOST_TEST(!tape.tracks(weight * weight));
    BOOST_TEST(tape.nodes().size() == before);
}

BOOST_AUTO_TEST_CASE(vjp_that_returns_the_wrong_thing_is_named) {
    const Tensor x = tensor({2}, {3, 5});
    const auto gradient_with = [&](const Vjp& vjp) {
        OpDef op = square_op();
        op.vjp = vjp;
        Tape tape;
        tape.watch(x);
        return tape.gradient(sum(apply_to(op, x)), {x});
    };
    expect_error<TapeError>([&] { gradient_with([](const VjpCall&) { return Tensors(); }); },
                            {"test_square", "1 gradients", "0", "vjp"});
    expect_error<TapeError>([&] { gradient_with([](const VjpCall&) { return Tensors(1); }); },
                            {"test_square", "input 0", "f64 [2]", "none", "vjp"});
    expect_error<TapeError>([&] { gradient_with([](const VjpCall&) -> Tensors { return {scalar(1)}; }); },
                            {"test_square", "f64 [2]", "f64 []", "vjp"});
    expect_error<TapeError>([&] { gradient_with([](const VjpCall&) -> Tensors {
                                      return {tensor({3}, {1, 2, 3})};
                                  }); },
                            {"f64 [2]", "f64 [3]"});
    expect_error<TapeError>(
        [&] { gradient_with([](const VjpCall&) -> Tensors {
                  return {tensor({2}, {1, 2}, DType::f32)};
              }); },
        {"f64 [2]", "f32 [2]"});
}

BOOST_AUTO_TEST_SUITE_END()
