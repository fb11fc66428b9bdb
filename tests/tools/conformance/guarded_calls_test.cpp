// What the watch on kernel calls sees: each fault by a kernel that has exactly this one.
#include "tools/conformance/guarded_calls.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "autograd/ops.hpp"
#include "tests/autograd/wrapped_plugin.hpp"
#include "tools/conformance/judge.hpp"

namespace tapegrad::testing {
namespace {

// y = x + x for f32, and what a test adds to it.
template <class Also>
int doubled(tg_call* call, Also also) {
    const auto* const x = static_cast<const float*>(call->inputs[0].data);
    auto* const y = static_cast<float*>(call->outputs[0].data);
    for (std::int64_t i = 0; i < call->outputs[0].size; ++i) y[i] = x[i] + x[i];
    also(const_cast<float*>(x), y, call->outputs[0].size);
    return TG_OK;
}

// The faults of `exp` on five elements, with this kernel in its place.
std::vector<std::string> faults_of(tg_kernel exp_kernel) {
    static tg_kernel used = nullptr;
    used = exp_kernel;
    WrappedPlugin plugin("reference");
    plugin.table.kernel = [](const char* name, tg_dtype dtype) -> tg_kernel {
        return std::strcmp(name, "exp") == 0 && dtype == TG_F32 ? used : WrappedPlugin::original().kernel(name, dtype);
    };
    std::vector<std::string> faults;
    GuardedCalls guarded(plugin.table, faults);
    {
        const BackendPtr backend = Backend::open(plugin.table, 1, &guarded);
        const std::vector<float> values = {1, 2, 3, 4, 5};
        exp(from_values(backend, {5}, std::span<const float>(values)));
    }
    BOOST_TEST(WrappedPlugin::counts().in_use.empty());
    return faults;
}

void check_fault(tg_kernel kernel, const std::string& what) {
    const std::vector<std::string> faults = faults_of(kernel);
    BOOST_TEST_REQUIRE(faults.size() == 1u, what);
    BOOST_TEST(faults[0].starts_with("kernel exp(f32 [5]) -> f32 [5] " + what), faults[0]);
}

BOOST_AUTO_TEST_SUITE(tools_conformance_guarded_calls)

BOOST_AUTO_TEST_CASE(a_kernel_without_fault_has_none) {
    BOOST_TEST(faults_of([](tg_context*, tg_call* call) {
                   return doubled(call, [](float*, float*, std::int64_t) {});
               }).empty());
}

BOOST_AUTO_TEST_CASE(writes_behind_and_before_an_output_are_seen) {
    check_fault(
        [](tg_context*, tg_call* call) { return doubled(call, [](float*, float* y, std::int64_t n) { y[n] = 1; }); },
        "writes behind the end of output 0");
    check_fault(
        [](tg_context*, tg_call* call) { return doubled(call, [](float*, float* y, std::int64_t) { y[-1] = 1; }); },
        "writes before the beginning of output 0");
    check_fault([](tg_context*,
                   tg_call* call) { return doubled(call, [](float* x, float*, std::int64_t n) { x[n + 3] = 1; }); },
                "writes behind the end of input 0");
}

BOOST_AUTO_TEST_CASE(a_changed_input_is_seen) {
    check_fault(
        [](tg_context*, tg_call* call) { return doubled(call, [](float* x, float*, std::int64_t) { x[2] = -1; }); },
        "changes input 0");
}

BOOST_AUTO_TEST_CASE(an_element_that_is_not_written_is_seen) {
    check_fault(
        [](tg_context*, tg_call* call) {
            const auto* const x = static_cast<const float*>(call->inputs[0].data);
            std::memcpy(call->outputs[0].data, x, 3 * sizeof(float));
            return int{TG_OK};
        },
        "does not write output 0, at byte 12 of 20");
}

BOOST_AUTO_TEST_CASE(reading_beyond_the_input_is_seen) {
    check_fault(
        [](tg_context*, tg_call* call) {
            return doubled(call, [](float* x, float* y, std::int64_t n) { y[4] = x[n] > 0 ? 1.f : 2.f; });
        },
        "gives other bits when it is called again, at byte 16 of 20 of output 0");
}

BOOST_AUTO_TEST_CASE(results_that_change_from_call_to_call_are_seen) {
    check_fault(
        [](tg_context*, tg_call* call) {
            static float calls = 0;
            return doubled(call, [](float*, float* y, std::int64_t) { y[1] += calls++; });
        },
        "gives other bits when it is called again, at byte 4 of 20");
}

BOOST_AUTO_TEST_CASE(a_workspace_is_guarded_too) {
    check_fault(
        [](tg_context*, tg_call* call) {
            if (call->workspace_size < 100) {
                call->workspace_size = 100;
                return int{TG_NEEDS_WORKSPACE};
            }
            static_cast<char*>(call->workspace)[100] = 1;
            return doubled(call, [](float*, float*, std::int64_t) {});
        },
        "writes behind the end of its workspace");
}

BOOST_AUTO_TEST_CASE(an_output_that_is_an_input_keeps_its_contents_for_the_second_time) {
    std::vector<std::string> faults;
    GuardedCalls guarded(WrappedPlugin::original(), faults);
    const BackendPtr backend = Backend::open(WrappedPlugin::original(), 1, &guarded);
    const Tensor w = full(backend, {3}, 4), g = full(backend, {3}, 1);
    sgd_step(std::vector{SgdTensors{w, zeros_like(w), g}}, full(backend, {}, 0.5), 0, 0);
    BOOST_TEST(faults.empty());
    BOOST_TEST(w.values<double>() == (std::vector<double>{3.5, 3.5, 3.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_kernels_that_are_offered_run) {
    std::vector<std::string> faults;
    GuardedCalls guarded(WrappedPlugin::original(), faults, {"add", "fill"});
    const BackendPtr backend = Backend::open(WrappedPlugin::original(), 1, &guarded);
    BOOST_TEST((backend->kernel(KernelId("add"), DType::f32) != nullptr));
    BOOST_TEST((backend->kernel(KernelId("mul"), DType::f32) == nullptr));
    full(backend, {2}, 1);
    BOOST_TEST((guarded.used() == std::set<std::string>{"fill f32"}));
}

BOOST_AUTO_TEST_CASE(a_judge_tells_shapes_and_elements_that_differ) {
    Judge judge(WrappedPlugin::original(), WrappedPlugin::original(), "test", [](const std::string&) {});
    judge.compare("an element", DType::f32, [&](const BackendPtr& backend, DType dtype) {
        return std::vector<Tensor>{full(backend, {2}, backend == judge.judged() ? 1.5 : 1.25, dtype)};
    });
    judge.compare("a shape", DType::f64, [&](const BackendPtr& backend, DType dtype) {
        return std::vector<Tensor>{full(backend, {backend == judge.judged() ? 2 : 3}, 1, dtype)};
    });
    BOOST_TEST(judge.report.cases == 2);
    BOOST_TEST_REQUIRE(judge.report.faults.size() == 2u);
    BOOST_TEST(judge.report.faults[0].starts_with("f32 an element, element 0 of f32 [2], is 1.5 instead of 1.25"),
               judge.report.faults[0]);
    BOOST_TEST(judge.report.faults[1] == "f64 a shape has shape [2] instead of [3]");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
