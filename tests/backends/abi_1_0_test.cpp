// A plugin that was built with the header of ABI 1.0.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <set>

#include "autograd/ops.hpp"
#include "autograd/samples.hpp"
#include "autograd/tape.hpp"
#include "backends/loader.hpp"
#include "tests/autograd/approximately.hpp"

namespace tapegrad::testing {

BOOST_AUTO_TEST_SUITE(backends_abi_1_0)

BOOST_AUTO_TEST_CASE(a_plugin_built_with_the_frozen_header_is_loaded_and_computes) {
    const FoundPlugin found = load_plugin(TAPEGRAD_BINARY_DIR "/test_plugins/abi_1_0/libtapegrad_backend_plain.so");
    BOOST_TEST_REQUIRE((found.plugin != nullptr), found.refusal);
    BOOST_TEST(found.plugin->abi_version == 1U << 16);
    const BackendPtr backend = open_backend(found.path.string());
    const std::vector<double> a = {1, 2, 3, 4, 5, 6}, b = {1, -1, 0.5, 2, 0, 1};
    const Tensor w = parameter(from_values(backend, {2, 3}, a, DType::f64));
    Tape tape;
    const Tensor y = matmul(w, from_values(backend, {3, 2}, b, DType::f64));
    BOOST_TEST(approximately(y, {2, 2}, {1 + 1, -1 + 4 + 3, 4 + 2.5, -4 + 10 + 6}));
    tape.backward(sum(y * y));
    // 2 y b^T
    BOOST_TEST(approximately(w.grad(), {2, 3}, {4 - 12, 2 + 24, 0 + 12, 13 - 24, 6.5 + 48, 0 + 24}));
}

namespace {

// What a kernel of this name is called with.
std::string signature(const OpDef& op, SampleSource& source) {
    constexpr const char* types[] = {"integer", "real", "dims"};
    std::string attributes;
    for (const Attribute& attribute : op.attributes.list())
        attributes += fmt::format(" {} {}", types[attribute.value.index()], attribute.name);
    const Sample sample = op.samples(source).front();
    return fmt::format("{}: {};{} -> {}", op.name, fmt::join(op.inputs, ", "), attributes,
                       infer_outputs(op, sample.inputs, sample.attributes).size());
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_kernel_became_mandatory) {
    std::set<std::string> names;
    for (const MandatoryKernel& kernel : mandatory_kernels())
        for (const DType dtype : kernel.dtypes) names.insert(std::string(kernel.name) + " " + to_string(dtype));
    const FoundPlugin plain = load_plugin(TAPEGRAD_BINARY_DIR "/test_plugins/abi_1_0/libtapegrad_backend_plain.so");
    BOOST_TEST(plain.refusal == "");
    BOOST_TEST(names.size() == 53U);  // 20 kernels for f32 and f64, four for i32 too, and one for i32 alone
}

BOOST_AUTO_TEST_CASE(kernels_of_ops_are_called_as_they_were_then) {
    std::ifstream file(TAPEGRAD_SOURCE_DIR "/tests/backends/abi_1_0/ops.txt");
    std::set<std::string> then, now;
    for (std::string line; std::getline(file, line);) then.insert(line);
    SampleSource source(reference(), DType::f64);
    for (const OpDef& op : all_ops())
        if (!op.family.empty()) now.insert(signature(op, source));
    BOOST_TEST(then.size() > 61U);
    for (const std::string& line : then)
        BOOST_TEST(now.contains(line), "'" << line << "' of ABI 1.0 is gone or changed: give the new op another name");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tapegrad::testing
