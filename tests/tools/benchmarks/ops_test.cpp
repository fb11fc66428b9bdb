#include <boost/test/unit_test.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "backends/loader.hpp"
#include "tests/datasets/expect_error.hpp"
#include "tools/benchmarks/common_ops.hpp"
#include "tools/benchmarks/sample_times.hpp"

using namespace tapegrad;
using tapegrad::testing::expect_error;

namespace {

BackendPtr reference() { return open_backend(TAPEGRAD_BINARY_DIR "/lib/libtapegrad_backend_reference.so"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(tools_benchmarks_ops)

BOOST_AUTO_TEST_CASE(every_op_of_the_registry_can_be_timed) {
    const BackendPtr backend = reference();
    for (const OpDef& op : all_ops()) {
        const std::vector<SampleTimes> times = time_samples(op, backend, 1e-5);
        BOOST_TEST(!times.empty(), op.name);
        for (const SampleTimes& sample : times) {
            BOOST_TEST(sample.forward > 0, op.name);
            BOOST_TEST(sample.bytes > 0, op.name);
            BOOST_TEST(sample.composed_forward.has_value() == bool(op.compose), op.name);
            if (!op.non_differentiable.empty()) BOOST_TEST(!sample.gradient, op.name);
        }
    }
}

BOOST_AUTO_TEST_CASE(common_ops_run_with_a_gradient_where_there_is_one) {
    const BackendPtr backend = reference();
    std::vector<CommonOp> ops = common_ops(1000);
    for (CommonOp op : cora_ops()) {
        if (op.name != "matmul") op.dims[0] = 100;
        ops.push_back(op);
    }
    for (const CommonOp& op : ops) {
        const PreparedOp prepared = prepare(op, backend);
        const OpTimes times = time_op(prepared, 1e-5);
        BOOST_TEST(times.forward > 0, op.text());
        BOOST_TEST((times.gradient > 0) == (op.name != "adam_step"), op.text());
        BOOST_TEST(prepared.bytes > 0, op.text());
        BOOST_TEST((prepared.operations > 0) == (op.name == "matmul"), op.text());
    }
}

BOOST_AUTO_TEST_CASE(bytes_are_what_must_be_read_and_written) {
    const BackendPtr backend = reference();
    const auto bytes = [&](const CommonOp& op) { return prepare(op, backend).bytes; };
    BOOST_TEST(bytes({"add", {10, 100}}) == 3 * 4000);
    BOOST_TEST(bytes({"add_row", {10, 100}}) == 2 * 4000 + 400);
    BOOST_TEST(bytes({"sum_rows", {10, 100}}) == 4000 + 40);
    BOOST_TEST(bytes({"adam_step", {10, 100}}) == 7 * 4000);  // w, m, v read and written, the gradient read
    BOOST_TEST(bytes({"gather_rows", {5, 8}, 30}) == 30 * (2 * 32 + 4));
    BOOST_TEST(prepare({"matmul", {2, 3, 4}}, backend).operations == 48);
}

BOOST_AUTO_TEST_CASE(bytes_of_a_sample_are_its_inputs_and_outputs) {
    const BackendPtr backend = reference();
    const Tensor x = full(backend, {3, 4}, 1), row = full(backend, {4}, 1);
    OpDef add = find_op("add");
    add.samples = [&](SampleSource&) { return std::vector<Sample>{{{x, row}, {}}}; };
    BOOST_TEST(time_samples(add, backend, 1e-5).at(0).bytes == 48 + 16 + 48);

    // w, velocity and gradient read, the learning rate read, w and velocity written.
    const SampleTimes update = time_samples(find_op("sgd_step"), backend, 1e-5).back();
    BOOST_TEST(update.inputs == "f32 [20011], f32 [20011], f32 [20011], f32 [], f32 []");
    BOOST_TEST(update.bytes == 5 * 20011 * 4 + 8);
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_common_op_is_refused) {
    expect_error<IndexError>([] { prepare({"frobnicate", {1, 1}}, reference()); }, {"'frobnicate'"});
}

BOOST_AUTO_TEST_SUITE_END()
