// The simd backend as a plugin: which one "auto" takes, threads, their share of the work, and memory that runs out.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "autograd/errors.hpp"
#include "tests/backends/page_faults.hpp"
#include "tests/backends/simd_fixture.hpp"
#include "tests/datasets/expect_error.hpp"

namespace tapegrad::testing {
namespace {

/// All bits of what a number of kernels make, on arrays large enough to be shared out.
std::vector<double> results_on(const BackendPtr& backend, DType dtype) {
    std::vector<double> results;
    SampleSource s(backend, dtype, 21);
    const auto keep = [&](const Tensors& made) {
        for (const Tensor& x : made)
            for (const double value : x.values<double>()) results.push_back(value);
    };
    const Tensor x = s.normal({3000, 64}), y = s.normal({3000, 64}), w = s.normal({64, 7}),
                 narrow = s.normal({3000, 7});
    const Tensor wide = s.normal({64, 80}), labels = s.integers({3000}, 7), key = s.key(),
                 long_row = s.normal({200003});
    const Grouping entries = s.grouping(3000, 100), picked = s.grouping(9000, 3000);
    keep({x * y, exp(x), elu(x), pow(exp(y), x), add_bias(x, s.normal({64}))});
    keep({sum(x), sum(x, {0}), sum(x, {1}), max(x, {0}), sum(long_row), max(long_row), logsumexp(long_row, 0)});
    keep({matmul(x, w), matmul(x, wide), matmul(x, narrow, true), matmul(x, y, true), matmul(narrow, w, false, true)});
    keep({softmax(x), log_softmax(x, 0), cross_entropy(narrow, labels), transpose(x), cast(long_row, DType::i32)});
    keep({gather(x, picked), scatter_sum(x, entries), scatter_max(x, entries), scatter_softmax(narrow, entries)});
    keep({dropout(x, 0.6, {key, 4}), random_mask({key, 5}, 200003, 30000)});
    const Tensor m = zeros_like(x), v = zeros_like(x);
    adam_step(std::vector{AdamTensors{x, m, v, y}}, s.values({3}, std::array{0.01, 10.0, 1000.0}), {});
    keep({x, m, v});
    return results;
}

BOOST_AUTO_TEST_SUITE(backends_simd_threads)

BOOST_AUTO_TEST_CASE(auto_is_simd_and_says_what_computes) {
    reference();  // whichever plugins are loaded before
    const BackendPtr backend = open_backend("auto", 2);
    BOOST_TEST(backend->name() == "simd");
    const std::string description = backend->description();
    const char* const wanted = std::getenv("TAPEGRAD_SIMD");
    const std::string best = __builtin_cpu_supports("avx512bw") ? "avx512"
                             : __builtin_cpu_supports("avx2")   ? "avx2"
                                                                : "sse2";
    BOOST_TEST(description.starts_with((wanted == nullptr ? best : wanted) + ", 2 threads, "), description);
    if (description.find("core ") == std::string::npos) return;  // without OpenBLAS
    if (__builtin_cpu_supports("avx2") && std::getenv("OPENBLAS_CORETYPE") == nullptr)
        for (const char* old : {"Prescott", "Core2", "Nehalem", "Sandybridge"})
            BOOST_TEST(description.find(old) == std::string::npos, description);
}

BOOST_AUTO_TEST_CASE(bits_do_not_depend_on_the_number_of_threads) {
    for (const DType dtype : float_types) {
        const std::vector<double> one = results_on(open_backend("simd", 1), dtype);
        for (const int threads : {2, 5}) {
            const std::vector<double> several = results_on(open_backend("simd", threads), dtype);
            BOOST_TEST_REQUIRE(several.size() == one.size());
            std::size_t different = 0;
            for (std::size_t i = 0; i < one.size(); ++i)
                different += one[i] != several[i] && !(std::isnan(one[i]) && std::isnan(several[i]));
            BOOST_TEST(different == 0u, different << " of " << one.size() << " on " << threads << " threads");
        }
    }
}

BOOST_AUTO_TEST_CASE(all_threads_work) {
    // Whoever writes a page of fresh memory first has the page fault; one that only waits has none.
    for (const int threads : {1, 2, 5}) {
        const BackendPtr backend = open_backend("simd", threads);
        const std::map<std::string, long> before = page_faults();
        full(backend, {std::int64_t{1} << 26}, 1);
        // The backend makes at most four threads a processor.
        const int most = 4 * static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
        BOOST_TEST(threads_with_page_faults_since(before, 8) == std::min(threads, most));
    }
}

BOOST_AUTO_TEST_CASE(more_threads_than_rows_or_processors_work) {
    const BackendPtr many = open_backend("simd", 1000);
    SampleSource s(many, DType::f32);
    const Tensor a = s.normal({3, 2000}), b = s.normal({2000, 3});
    const Tensor wanted = matmul(moved(a, reference(), DType::f64), moved(b, reference(), DType::f64));
    compare(matmul(a, b), wanted, {a, b}, DType::f32, "3 rows on 1000 threads");
    expect_error<BackendError>([] { open_backend("simd", 0); }, {"at least 1"});
}

BOOST_AUTO_TEST_CASE(size_beyond_all_memory_is_an_error_with_the_size) {
    expect_error<BackendError>([] { full(simd(), {std::int64_t{1} << 58}, 1); },
                               {"simd", "1152921504606846976 bytes", "more memory"});
    BOOST_TEST(full(simd(), {3}, 1).size() == 3);
}

BOOST_AUTO_TEST_CASE(memory_that_runs_out_is_an_error_with_the_size) {
    simd();
    const pid_t child = fork();
    if (child == 0) {
        const rlimit limit{std::size_t{4} << 30, std::size_t{4} << 30};
        setrlimit(RLIMIT_AS, &limit);
        try {
            const Tensor x(simd(), {std::int64_t{1} << 32}, DType::f32);
        } catch (const BackendError& error) {
            _exit(std::string(error.what()).find("17179869184 bytes") == std::string::npos ? 2 : 0);
        }
        _exit(1);
    }
    int status = -1;
    BOOST_TEST(waitpid(child, &status, 0) == child);
    BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace tapegrad::testing
