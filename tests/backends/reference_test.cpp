// The reference plugin's table, its contexts, and its elementwise kernels.
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/backends/reference_fixture.hpp"

namespace tapegrad::tests {
namespace {

/// The table of backend_abi.h: each name with whether it is there for f32 and f64, and for i32.
struct Mandatory {
    const char* name;
    bool reals;
    bool i32;
};
const std::vector<Mandatory> mandatory = {
    {"fill", true, true},         {"strided_copy", true, true}, {"cast", true, true},
    {"add", true, false},         {"mul", true, false},         {"div", true, false},
    {"maximum", true, false},     {"greater", true, false},     {"pow", true, false},
    {"where", true, false},       {"exp", true, false},         {"expm1", true, false},
    {"log", true, false},         {"log1p", true, false},       {"sqrt", true, false},
    {"tanh", true, false},        {"erf", true, false},         {"reduce_sum", true, false},
    {"reduce_max", true, false},  {"matmul", true, false},      {"gather", true, true},
    {"scatter_sum", true, false}, {"scatter_max", true, false}, {"random_mask", false, true},
    {"masked_scale", true, false}};

BOOST_FIXTURE_TEST_SUITE(backends_reference, Reference)

BOOST_AUTO_TEST_CASE(offers_exactly_the_mandatory_kernels) {
    for (const auto& [name, reals, i32] : mandatory) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST((table().kernel(name, TG_F32) != nullptr) == reals);
            BOOST_TEST((table().kernel(name, TG_F64) != nullptr) == reals);
            BOOST_TEST((table().kernel(name, TG_I32) != nullptr) == i32);
            BOOST_TEST((table().kernel(name, static_cast<tg_dtype>(3)) == nullptr));
        }
    }
    for (const char* name : {"", "ad", "adds", "relu"}) BOOST_TEST((table().kernel(name, TG_F32) == nullptr), name);
}

BOOST_AUTO_TEST_CASE(describes_itself) {
    BOOST_TEST(table().abi_version == TG_ABI_VERSION);
    BOOST_TEST(table().struct_size == sizeof(tg_backend));
    BOOST_TEST(table().name == std::string("reference"));
    const char* reason = nullptr;
    BOOST_TEST(table().probe(&reason) == 1);
}

BOOST_AUTO_TEST_CASE(the_plugin_includes_nothing_of_the_engine) {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(TAPEGRAD_SOURCE_DIR "/backends/reference")) {
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);)
            BOOST_TEST(line.find("autograd/") == std::string::npos, entry.path() << ": " << line);
        ++files;
    }
    BOOST_TEST(files >= 2);
}

BOOST_AUTO_TEST_CASE(no_threads_are_refused_with_a_sentence) {
    for (const int threads : {0, -3}) {
        tg_context* context = nullptr;
        BOOST_TEST(table().open(threads, &context) == TG_FAILED);
        BOOST_TEST(std::string(table().last_error(nullptr)).find("threads") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(memory_is_aligned_and_running_out_of_it_is_reported) {
    for (const std::size_t bytes : {1, 63, 64, 65, 100000}) {
        void* memory = table().alloc(context(), bytes);
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(memory) % 64 == 0u);
        table().free(context(), memory);
    }
    BOOST_TEST(last_error() == "");
    BOOST_TEST(table().alloc(context(), SIZE_MAX) == nullptr);
    BOOST_TEST(last_error().find("memory") != std::string::npos);
    BOOST_TEST(table().sync(context()) == TG_OK);
}

BOOST_AUTO_TEST_CASE(a_failing_kernel_says_why_on_its_own_context_only) {
    DeviceArray strange = vector<float>({1, 2});
    strange.dtype = static_cast<tg_dtype>(3);
    const Reference other;
    BOOST_TEST(call("cast", {strange}, vector<double>({0, 0})) == TG_FAILED);
    BOOST_TEST(last_error().find("dtype") != std::string::npos);
    BOOST_TEST(other.last_error() == "");
}

BOOST_AUTO_TEST_CASE(contexts_work_at_the_same_time) {
    std::array<bool, 2> right{};
    const auto work = [&](std::size_t thread) {
        const Reference backend;
        const auto x = backend.vector(std::vector<double>(5000, static_cast<double>(thread)));
        for (int i = 0; i < 50; ++i)
            right[thread] = backend.compute<double>("add", {x, x}, {5000}) == std::vector<double>(5000, 2.0 * thread);
    };
    std::thread first(work, 0), second(work, 1);
    first.join();
    second.join();
    BOOST_TEST(right[0]);
    BOOST_TEST(right[1]);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_one_operand_follow_their_formula, T, Reals) {
    struct Function {
        const char* name;
        long double (*formula)(long double);
        T low, high;
    };
    const Function functions[] = {
        {"exp", [](long double x) { return std::exp(x); }, T(-20), T(20)},
        {"expm1", [](long double x) { return std::expm1(x); }, T(-5), T(5)},
        {"log", [](long double x) { return std::log(x); }, T(0.001), T(90)},
        {"log1p", [](long double x) { return std::log1p(x); }, T(-0.99), T(9)},
        {"sqrt", [](long double x) { return std::sqrt(x); }, T(0), T(100)},
        {"tanh", [](long double x) { return std::tanh(x); }, T(-9), T(9)},
        {"erf", [](long double x) { return std::erf(x); }, T(-4), T(4)},
    };
    for (const auto& [name, formula, low, high] : functions) {
        for (const std::size_t count : {0, 1, 2, 17, 4099}) {
            std::vector<T> x(count);
            std::vector<long double> wanted(count);
            for (std::size_t i = 0; i < count; ++i) {
                x[i] = low + (high - low) * static_cast<T>(i) / static_cast<T>(count);
                wanted[i] = formula(x[i]);
            }
            BOOST_TEST_CONTEXT(name << " of " << count)
            check_equal(compute<T>(name, {vector(x)}, {static_cast<std::int64_t>(count)}), wanted, 4);
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_one_operand_keep_to_ieee_754_at_the_edges, T, Reals) {
    const std::vector<std::tuple<const char*, std::vector<T>, std::vector<double>>> cases = {
        {"exp", {T(-inf), T(inf), T(nan), T(1e4), T(0)}, {0, inf, nan, inf, 1}},
        {"expm1", {T(-inf), T(inf), T(nan), T(1e-20)}, {-1, inf, nan, 1e-20}},
        {"log", {T(0), T(-1), T(inf), T(nan), T(1)}, {-inf, nan, inf, nan, 0}},
        {"log1p", {T(-1), T(-2), T(inf), T(nan), T(1e-20)}, {-inf, nan, inf, nan, 1e-20}},
        {"sqrt", {T(0), T(-1), T(inf), T(nan)}, {0, nan, inf, nan}},
        {"tanh", {T(-inf), T(inf), T(nan), T(1e-20)}, {-1, 1, nan, 1e-20}},
        {"erf", {T(-inf), T(inf), T(nan), T(0.5)}, {-1, 1, nan, 0.520499877813046537682746653891965}},
    };
    for (const auto& [name, x, wanted] : cases) {
        BOOST_TEST_CONTEXT(name)
        check_equal(compute<T>(name, {vector(x)}, {static_cast<std::int64_t>(x.size())}), wanted, 2);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(operands_have_the_output_s_shape_or_one_element, T, Reals) {
    using Formula = long double (*)(long double, long double, long double);
    const std::vector<std::tuple<const char*, std::size_t, Formula>> functions = {
        {"add", 2, [](long double a, long double b, long double) { return a + b; }},
        {"mul", 2, [](long double a, long double b, long double) { return a * b; }},
        {"div", 2, [](long double a, long double b, long double) { return a / b; }},
        {"maximum", 2, [](long double a, long double b, long double) { return a > b ? a : b; }},
        {"greater", 2, [](long double a, long double b, long double) { return a > b ? 1.0L : 0.0L; }},
        {"pow", 2, [](long double a, long double b, long double) { return std::pow(a, b); }},
        {"where", 3, [](long double c, long double a, long double b) { return c != 0 ? a : b; }},
    };
    for (const auto& [name, operands, formula] : functions) {
        for (const std::size_t count : {0, 1, 2, 17, 4099}) {
            for (unsigned ones = 0; ones < 1u << operands; ++ones) {  // bit o: operand o has one element
                std::array<std::vector<T>, 3> values;
                std::vector<DeviceArray> inputs;
                for (std::size_t o = 0; o < 3; ++o) {
                    values[o] = values_of<T>((ones >> o & 1u) != 0 ? 1 : count, static_cast<int>(o));
                    for (std::size_t i = 0; operands == 3 && o == 0 && i < values[o].size(); i += 2) values[o][i] = 0;
                    if (o < operands) inputs.push_back(vector(values[o]));
                }
                const auto at = [&](std::size_t o, std::size_t i) { return values[o][values[o].size() == 1 ? 0 : i]; };
                std::vector<long double> wanted(count);
                for (std::size_t i = 0; i < count; ++i) wanted[i] = formula(at(0, i), at(1, i), at(2, i));
                BOOST_TEST_CONTEXT(name << " of " << count << ", operands of one element: " << ones)
                check_equal(compute<T>(name, inputs, {static_cast<std::int64_t>(count)}), wanted, 2);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_several_operands_keep_to_ieee_754_at_the_edges, T, Reals) {
    const std::vector<std::tuple<const char*, std::vector<T>, std::vector<T>, std::vector<double>>> cases = {
        {"maximum", {T(nan), 1, T(nan), T(-inf), T(inf)}, {1, T(nan), T(nan), -5, T(nan)}, {nan, nan, nan, -5, nan}},
        {"greater", {T(nan), 1, 2, 2, T(inf)}, {1, T(nan), 2, 1, T(-inf)}, {0, 0, 0, 1, 1}},
        {"div", {1, -1, 0, T(inf)}, {0, 0, 0, T(inf)}, {inf, -inf, nan, nan}},
        {"pow", {0, -2, -1, T(nan), 2, 0}, {0, 3, T(0.5), 0, -1, -1}, {1, -8, nan, 1, 0.5, inf}},
        {"mul", {0, T(inf)}, {T(inf), -2}, {nan, -inf}},
        {"add", {T(inf), T(inf)}, {T(-inf), 1}, {nan, inf}},
    };
    for (const auto& [name, a, b, wanted] : cases) {
        BOOST_TEST_CONTEXT(name)
        check_equal(compute<T>(name, {vector(a), vector(b)}, {std::int64_t(a.size())}), wanted);
    }

    const auto condition = vector(std::vector<T>{T(nan), T(-0.0), T(0), T(1e-30)});
    const auto taken = vector(std::vector<T>{1, T(nan), 3, 4}), other = vector(std::vector<T>{5, 6, 7, 8});
    check_equal(compute<T>("where", {condition, taken, other}, {4}), std::vector<T>{1, 6, 7, 4});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::tests
