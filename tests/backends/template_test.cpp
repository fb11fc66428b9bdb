// The beginning in backends/template: everything but the kernels is done.
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "backends/loader.hpp"
#include "tests/backends/reference_fixture.hpp"

namespace tapegrad::tests {
namespace {

const std::string file = TAPEGRAD_BINARY_DIR "/template/libtapegrad_backend_template.so";

BOOST_AUTO_TEST_SUITE(backends_template)

BOOST_AUTO_TEST_CASE(only_kernels_are_missing) {
    FoundPlugin found = read_plugin(file);
    BOOST_TEST_REQUIRE((found.plugin != nullptr), found.refusal);
    const std::string missing = missing_kernels(*found.plugin);
    BOOST_TEST(missing.starts_with("fill (f64, i32), strided_copy (f32, f64, i32), cast"), missing);
    BOOST_TEST(missing.find("fill (f32") == std::string::npos);
    BOOST_TEST(load_plugin(file).refusal == "it lacks the mandatory kernels " + missing);
    probe_plugin(found);
    BOOST_TEST(found.score == 0);
}

BOOST_AUTO_TEST_CASE(what_is_there_is_right) {
    const OpenedBackend backend(file);
    const std::vector<double> values = values_of<double>(1000);
    check_equal(backend.download<double>(backend.upload({1000}, values)), values);
    for (const std::int64_t size : {0, 1, 5, 1000})
        check_equal(backend.compute<float>("fill", {}, {size}, {}, {-3}),
                    std::vector<float>(static_cast<std::size_t>(size), -3.0f));
    BOOST_TEST((backend.table().kernel("fill", TG_F64) == nullptr));
    for (const std::size_t bytes : {1, 63, 64, 65, 100000}) {
        void* const memory = backend.table().alloc(backend.context(), bytes);
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0u);
        backend.table().free(backend.context(), memory);
    }
    BOOST_TEST(backend.last_error() == "");
    BOOST_TEST(backend.table().alloc(backend.context(), SIZE_MAX) == nullptr);
    BOOST_TEST(backend.last_error() == "out of memory");
    tg_context* context = nullptr;
    BOOST_TEST(backend.table().open(0, &context) == TG_FAILED);
    BOOST_TEST(backend.table().last_error(nullptr) != std::string());
}

BOOST_AUTO_TEST_CASE(neither_it_nor_the_example_is_found_unless_asked_for) {
    for (const FoundPlugin& found : find_plugins()) {
        BOOST_TEST(found.name != "template");
        BOOST_TEST(found.name != "plain");
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::tests
