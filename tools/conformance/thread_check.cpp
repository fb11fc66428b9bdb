#include <array>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "autograd/errors.hpp"
#include "tools/conformance/op_cases.hpp"
#include "tools/conformance/plugin_checks.hpp"

namespace tapegrad {
namespace {

struct TypedSample {
    HostSample sample;
    DType dtype;
};

/// Everything that the samples make, or why not.
struct Made {
    std::vector<std::vector<double>> elements;
    std::string failure;
};

Made make(const OpDef& op, const std::vector<TypedSample>& samples, const tg_backend& plugin, int threads) {
    Made made;
    try {
        const BackendPtr backend = Backend::open(plugin, threads);
        for (const auto& [sample, dtype] : samples)
            for (const Tensor& result : results_of(op, sample, backend, dtype, false))
                made.elements.push_back(result.values<double>());
    } catch (const Error& error) {
        made.failure = error.what();
    }
    return made;
}

/// Bit for bit, NaN too.
bool is_same(const Made& a, const Made& b) {
    const auto same_bits = [](const std::vector<double>& x, const std::vector<double>& y) {
        return std::ranges::equal(x, y, [](double p, double q) {
            return std::bit_cast<std::uint64_t>(p) == std::bit_cast<std::uint64_t>(q);
        });
    };
    return a.failure == b.failure && std::ranges::equal(a.elements, b.elements, same_bits);
}

}  // namespace

void check_threads(const OpDef& op, const tg_backend& plugin, const tg_backend& reference, Report& report,
                   const Progress& progress) {
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
        if (!made.failure.empty())
            report.faults.push_back(what + ": " + made.failure);
        else if (!is_same(made, alone))
            report.faults.push_back(what + " it makes other bits than alone on 1 thread");
    };
    for (const int threads : {2, 5}) {
        progress(fmt::format("{}, on {} threads", report.subject, threads));
        check(make(op, samples, plugin, threads), fmt::format("on {} threads", threads));
    }
    progress(report.subject + ", from four threads of the host at once");
    std::array<Made, 4> made;
    {
        std::vector<std::jthread> callers;
        for (Made& mine : made) callers.emplace_back([&] { mine = make(op, samples, plugin, 2); });
    }
    for (const Made& one : made) check(one, "called from four threads of the host at once, each with its own context,");
}

}  // namespace tapegrad
