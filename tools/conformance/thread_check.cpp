#include "tools/conformance/thread_check.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "tools/conformance/equal_bits.hpp"
#include "tools/conformance/op_cases.hpp"

namespace tapegrad {
namespace {

struct TypedSample {
    HostSample sample;
    DType dtype;
};

/// The elements that each sample makes, or why not.
struct Made {
    std::vector<std::vector<double>> elements;
    std::string failure;
};

/// Begins with sample number `first`.
Made make(const OpDef& op, const std::vector<TypedSample>& samples, const tg_backend& plugin, int threads,
          std::size_t first = 0) {
    Made made;
    made.elements.resize(samples.size());
    try {
        const BackendPtr backend = Backend::open(plugin, threads);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            const std::size_t number = (first + i) % samples.size();
            const auto& [sample, dtype] = samples[number];
            for (const Tensor& result : results_of(op, sample, backend, dtype, false))
                std::ranges::copy(result.values<double>(), std::back_inserter(made.elements[number]));
        }
    } catch (const Error& error) {
        made.failure = error.what();
    }
    return made;
}

bool is_same(const Made& a, const Made& b) {
    return a.failure == b.failure && std::ranges::equal(a.elements, b.elements, have_equal_bits);
}

}  // namespace

void check_threads(const OpDef& op, const tg_backend& plugin, const tg_backend& reference, Report& report,
                   const Progress& progress) {
    if (!op.samples) return;  // told where the op itself is judged
    std::vector<TypedSample> samples;
    const BackendPtr source = Backend::open(reference, 1);
    for (const DType dtype : {DType::f32, DType::f64})
        for (const HostSample& sample : host_samples(op, source, dtype)) samples.push_back({sample, dtype});
    progress(report.subject + ", on 1 thread");
    const Made alone = make(op, samples, plugin, 1);
    if (!alone.failure.empty()) {
        report.faults.push_back("on 1 thread: " + alone.failure);
        return;
    }
    const auto check = [&](const Made& made, const std::string& what) {
        report.cases += static_cast<std::int64_t>(samples.size());
        if (is_same(made, alone)) return;
        const std::string fault =
            what + (made.failure.empty() ? " it makes other bits than alone on 1 thread" : ": " + made.failure);
        if (std::ranges::find(report.faults, fault) == report.faults.end()) report.faults.push_back(fault);
    };
    for (const int threads : {2, 5, 16}) {
        progress(fmt::format("{}, on {} threads", report.subject, threads));
        check(make(op, samples, plugin, threads), fmt::format("on {} threads", threads));
    }
    progress(report.subject + ", from four threads of the host at once");
    std::array<Made, 4> made;
    {
        std::vector<std::jthread> callers;
        for (std::size_t k = 0; k < made.size(); ++k)
            callers.emplace_back([&, k] { made[k] = make(op, samples, plugin, 2, k * samples.size() / made.size()); });
    }
    for (const Made& one : made) check(one, "called from four threads of the host at once, each with its own context,");
}

}  // namespace tapegrad
