#include "nn/extension.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/datasets/expect_error.hpp"
#include "tests/nn/nn_fixture.hpp"
#include "tests/temporary_folder.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

std::filesystem::path extension(const std::string& name) {
    return std::filesystem::path(TAPEGRAD_BINARY_DIR) / "test_plugins" / ("lib" + name + ".so");
}

double swish(double x, double beta) { return x / (1 + std::exp(-beta * x)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(nn_extension)

BOOST_AUTO_TEST_CASE(an_extension_brings_an_op_with_a_gradient_and_a_layer) {
    load_extension(extension("swish_extension"));
    const Tensor x = f64({3}, {-1, 0.5, 2});
    Tape tape;
    tape.watch(x);
    const Tensor y = apply_one(find_op("swish_extension"), {x}, {{"beta", 1.0}});
    check_close(y, {swish(-1, 1), swish(0.5, 1), swish(2, 1)}, 1e-15, "op");
    // Swish' = swish + sigmoid (1 - swish).
    std::vector<double> slopes;
    for (const double at : {-1.0, 0.5, 2.0}) slopes.push_back(swish(at, 1) + (1 - swish(at, 1)) / (1 + std::exp(-at)));
    check_close(tape.gradient(sum(y), {x})[0], slopes, 1e-15, "gradient");

    for (const LayerType& type : layer_types()) {
        if (type.name != "swish_layer") continue;
        LayerSource source;
        const BuiltLayer built = type.build({{"beta", 2.0}}, source.inputs(3));
        check_close(run(*built.module, x), {swish(-1, 2), swish(0.5, 2), swish(2, 2)}, 1e-15, "layer");
        expect_error<TypeError>(
            [&] {
                built.module->forward(sparse_f64(f64({1, 1}, {1})), {});
            },
            {"layer swish_layer"});
        return;
    }
    BOOST_ERROR("the extension's layer type is not registered");
}

BOOST_AUTO_TEST_CASE(loading_again_does_nothing) {
    load_extension(extension("swish_extension"));
    const std::size_t ops = all_ops().size(), layers = layer_types().size();
    BOOST_CHECK_NO_THROW(load_extension(extension("swish_extension")));
    BOOST_TEST(all_ops().size() == ops);
    BOOST_TEST(layer_types().size() == layers);
}

BOOST_AUTO_TEST_CASE(a_relative_path_is_looked_up_from_the_working_folder) {
    BOOST_CHECK_NO_THROW(load_extension(std::filesystem::relative(extension("swish_extension"))));
}

BOOST_AUTO_TEST_CASE(a_missing_file_no_library_or_no_entry_point_is_an_error_with_advice) {
    const TemporaryFolder folder;
    const std::filesystem::path text = folder.path() / "libtext.so";
    std::ofstream(text) << "not a library";
    expect_error<BackendError>([&] { load_extension(folder.path() / "absent.so"); },
                               {"absent.so", "no file of that name", "check the path"});
    expect_error<BackendError>([&] { load_extension(text); }, {"libtext.so", "build it as a shared library"});
    expect_error<BackendError>([&] { load_extension(folder.path()); },
                               {folder.path().string(), "build it as a shared library"});
    expect_error<BackendError>([] { load_extension(extension("no_entry_extension")); },
                               {"no_entry_extension", "tapegrad_extend", "extern \"C\" void tapegrad_extend"});
}

BOOST_AUTO_TEST_CASE(errors_of_the_registrations_come_through) {
    expect_error<TypeError>([] { load_extension(extension("taken_name_extension")); }, {"register_op", "'relu' again"});
}

BOOST_AUTO_TEST_SUITE_END()
