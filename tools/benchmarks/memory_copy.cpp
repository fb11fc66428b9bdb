#include "tools/benchmarks/memory_copy.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "autograd/tensor.hpp"
#include "tools/benchmarks/measure.hpp"

namespace tapegrad {

double memory_copy_rate(std::size_t bytes, int threads) {
    std::vector<char> from(bytes, 1), to(bytes, 2);
    const std::size_t part = (bytes + static_cast<std::size_t>(threads) - 1) / static_cast<std::size_t>(threads);
    // A hundred megabytes a thread at least, so that starting the threads does not count.
    const std::size_t passes = std::max<std::size_t>(2, 100'000'000 / std::max<std::size_t>(part, 1));
    const auto copy_part = [&](std::size_t begin) {
        const std::size_t length = std::min(part, bytes - begin);
        for (std::size_t pass = 0; pass < passes; ++pass) {
            std::memcpy(to.data() + begin, from.data() + begin, length);
            asm volatile("" : : "r"(to.data()) : "memory");  // or else one pass would do
        }
    };
    const Spread seconds = measure_calls(
        [&] {
            std::vector<std::jthread> others;
            for (std::size_t begin = part; begin < bytes; begin += part) others.emplace_back(copy_part, begin);
            copy_part(0);
        },
        1, 5);
    return 2 * static_cast<double>(bytes) * static_cast<double>(passes) / seconds.minimum;
}

double device_copy_rate(std::size_t bytes, const BackendPtr& backend) {
    constexpr double seconds = 0.05;
    const std::size_t words = std::max<std::size_t>(1, bytes / sizeof(float));
    const Tensor from = full(backend, {static_cast<std::int64_t>(words)}, 1), to = full(backend, from.shape(), 2);
    const Spread copy = measure_blocks([&] { assign(to, from); }, seconds, [&] { backend->sync(); });
    return 2 * static_cast<double>(words * sizeof(float)) / copy.minimum;
}

MemoryCopyRates::MemoryCopyRates(BackendPtr backend) : backend_(std::move(backend)) {}

double MemoryCopyRates::of(std::int64_t bytes) {
    const double read = std::max(1.0, static_cast<double>(bytes) / 2);
    const std::size_t rounded = std::size_t{1} << std::lround(std::log2(read));
    if (!rates_.contains(rounded))
        rates_[rounded] = backend_->can_capture() ? device_copy_rate(rounded, backend_)
                                                  : memory_copy_rate(rounded, backend_->threads());
    return rates_[rounded];
}

}  // namespace tapegrad
