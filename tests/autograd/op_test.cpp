#include "autograd/op.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "autograd/ops.hpp"
#include "autograd/samples.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/sample_ops.hpp"
#include "tests/autograd/wrapped_plugin.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// What a kernel was called with last.
struct SeenCall {
    std::vector<std::int64_t> integers;
    std::vector<double> reals;
    std::vector<std::int64_t> input_sizes;
};
SeenCall& seen() {
    static SeenCall instance;
    return instance;
}

int note_call(tg_context*, tg_call* call) {
    seen() = {
        {call->integers, call->integers + call->integer_count}, {call->reals, call->reals + call->real_count}, {}};
    for (int i = 0; i < call->input_count; ++i) seen().input_sizes.push_back(call->inputs[i].size);
    return TG_OK;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_op)

BOOST_AUTO_TEST_CASE(registered_op_is_found_by_its_name) {
    const std::size_t before = all_ops().size();
    const OpDef& cube =
        register_op({.name = "test_cube",
                     .formula = "x * x * x",
                     .inputs = {"x"},
                     .shapes = "x [...] -> [...]",
                     .infer = infer_same,
                     .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] * in[0] * in[0]}; },
                     .samples = [](SampleSource& source) -> std::vector<Sample> {
                         return {{{source.normal({5})}, {}}};
                     }});
    BOOST_TEST(&find_op("test_cube") == &cube);
    BOOST_TEST(all_ops().size() == before + 1);
    BOOST_TEST(&all_ops().back().get() == &cube);
    const auto apply_cube = [&](const Tensor& x) { return apply_one(cube, {x}); };
    BOOST_TEST(approximately(gradient_of_sum(apply_cube, tensor({}, {2})), {}, {12}));
}

BOOST_AUTO_TEST_CASE(name_that_is_taken_is_refused) {
    expect_error<TypeError>([] { register_op(find_op("sigmoid")); },
                            {"register_op", "'sigmoid' again", "another name"});
}

BOOST_AUTO_TEST_CASE(op_without_a_forward_or_without_shapes_is_refused) {
    expect_error<TypeError>([] { register_op({.name = "test_empty", .infer = infer_same}); },
                            {"test_empty", "run", "compose", "kernel"});
    OpDef shapeless = square_op();
    shapeless.name = "test_shapeless";
    shapeless.infer = nullptr;
    expect_error<TypeError>([&] { register_op(shapeless); }, {"test_shapeless", "infer"});
    expect_error<IndexError>([] { find_op("test_empty"); }, {"test_empty"});
}

BOOST_AUTO_TEST_CASE(unknown_name_is_answered_with_the_nearest) {
    expect_error<IndexError>([] { find_op("leaky_rleu"); }, {"find_op", "'leaky_rleu'", "did you mean 'leaky_relu'"});
    expect_error<IndexError>([] { find_op("softmx"); }, {"did you mean 'softmax'"});
}

BOOST_AUTO_TEST_CASE(undefined_input_is_an_error_that_names_op_and_input) {
    expect_error<TypeError>([] { tensor({}, {1}) * Tensor(); }, {"mul", "undefined input 1"});
    expect_error<TypeError>([] { Tensor() * tensor({}, {1}); }, {"mul", "undefined input 0"});
}

BOOST_AUTO_TEST_CASE(tensors_of_two_backends_do_not_mix) {
    const WrappedPlugin plugin("elsewhere");
    const Tensor here = tensor({2}, {1, 2}), there = full(Backend::open(plugin.table, 1), {2}, 1, DType::f64);
    expect_error<BackendError>([&] { here + there; }, {"add", "one backend", "reference and elsewhere"});
    expect_error<BackendError>([&] { assign(here, there); }, {"assign", "one backend", "reference and elsewhere"});
    BOOST_TEST(approximately(here, {2}, {1, 2}));
    const Tensor second = full(open_backend("reference"), {2}, 1, DType::f64);
    expect_error<BackendError>([&] { here + second; }, {"one backend", "same opened backend"});
}

BOOST_AUTO_TEST_CASE(op_that_nothing_can_run_names_backend_and_dtype) {
    const OpDef op = {.name = "test_no_kernel", .infer = infer_same};
    expect_error<BackendError>(
        [&] {
            apply_to(op, tensor({2}, {1, 2}, DType::f32));
        },
        {"test_no_kernel", "f32", "reference", "another backend"});
}

BOOST_AUTO_TEST_CASE(attribute_that_is_missing_or_of_another_type_is_named) {
    const Attributes attributes = {{"axis", std::int64_t{1}}, {"scale", 0.5}, {"shape", Dims{2, 3}}};
    BOOST_TEST(attributes.integer("axis") == 1);
    BOOST_TEST(attributes.real("scale") == 0.5);
    BOOST_TEST((attributes.dims("shape") == Dims{2, 3}));
    expect_error<TypeError>([&] { attributes.real("slope"); }, {"slope", "axis, scale, shape"});
    expect_error<TypeError>([&] { attributes.real("axis"); }, {"'axis' to be a real", "another type"});
}

BOOST_AUTO_TEST_CASE(kernel_gets_attributes_in_order_and_lists_with_their_length) {
    register_kernel("noting", "test_noting", DType::f64, note_call);
    const WrappedPlugin plugin("noting");
    const Tensor x = full(Backend::open(plugin.table, 1), {2}, 1, DType::f64);
    const Attributes attributes = {{"first", std::int64_t{7}}, {"second", 0.5},   {"third", Dims{4, 5, 6}},
                                   {"fourth", -2.0},           {"fifth", Dims{}}, {"sixth", std::int64_t{9}}};
    const OpDef op = {.name = "test_noting", .attributes = attributes, .infer = infer_same};
    apply_one(op, {x}, attributes);
    BOOST_TEST(seen().integers == (std::vector<std::int64_t>{7, 3, 4, 5, 6, 0, 9}), boost::test_tools::per_element());
    BOOST_TEST(seen().reals == (std::vector<double>{0.5, -2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(kernel_of_an_elementwise_op_gets_full_arrays_or_one_element) {
    register_kernel("noting_sizes", "test_noting_sizes", DType::f64, note_call);
    const WrappedPlugin plugin("noting_sizes");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const auto ones = [&](const Shape& shape) { return full(backend, shape, 1, DType::f64); };
    const OpDef op = {.name = "test_noting_sizes", .infer = infer_broadcast, .elementwise = true};
    BOOST_TEST((apply_one(op, {ones({2, 3}), ones({3}), ones({1}), ones({2, 1})}).shape() == Shape{2, 3}));
    BOOST_TEST(seen().input_sizes == (std::vector<std::int64_t>{6, 6, 1, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(native_update_overwrites_and_is_noticed_like_a_composed_one) {
    register_kernel("updating", "test_update", DType::f64, [](tg_context*, tg_call* call) -> int {
        *static_cast<double*>(call->outputs[0].data) += *static_cast<const double*>(call->inputs[1].data);
        return TG_OK;
    });
    const OpDef op = {.name = "test_update",
                      .infer = [](const InferCall& call) -> TensorSpecs { return {call.spec(0)}; },
                      .compose = [](auto in, const Attributes&) -> Tensors { return {in[0] + in[1]}; },
                      .non_differentiable = "an update",
                      .updates = true};
    const WrappedPlugin native("updating"), composed("not_updating");
    for (const WrappedPlugin* plugin : {&native, &composed}) {
        const BackendPtr backend = Backend::open(plugin->table, 1);
        const Tensor target = full(backend, {}, 3, DType::f64), change = full(backend, {}, 4, DType::f64);
        const void* const memory = target.array().data;
        const std::uint64_t version = target.version();
        apply_update(op, Tensors{target, change});
        BOOST_TEST(target.item() == 7);
        BOOST_TEST(change.item() == 4);
        BOOST_TEST(target.array().data == memory);
        BOOST_TEST(target.version() == version + 1);
    }
}

BOOST_AUTO_TEST_SUITE_END()
