#include "autograd/profile.hpp"

#include <algorithm>
#include <utility>

namespace tapegrad {

namespace {

std::uint64_t bytes_of(std::span<const Tensor> tensors) {
    std::uint64_t bytes = 0;
    for (const Tensor& tensor : tensors) bytes += tensor.bytes();
    return bytes;
}

}  // namespace

void OpProfile::Call::begin() {
    inside_before_ = std::exchange(profile_->inside_, 0);
    start_ = std::chrono::steady_clock::now();
}

void OpProfile::Call::count(const std::string& op, bool native, std::span<const Tensor> inputs,
                            std::span<const Tensor> outputs) {
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    Row& row = profile_->rows_[op];
    ++(native ? row.native : row.composed);
    row.seconds += seconds_;
    row.self_seconds += seconds_ - profile_->inside_;
    row.bytes_read += bytes_of(inputs);
    row.bytes_written += bytes_of(outputs);
}

std::vector<OpProfile::Row> OpProfile::rows() const {
    std::vector<Row> rows;
    for (const auto& [op, row] : rows_) rows.emplace_back(row).op = op;
    std::ranges::sort(rows, [](const Row& a, const Row& b) {
        return std::pair(b.self_seconds, a.op) < std::pair(a.self_seconds, b.op);
    });
    return rows;
}

}  // namespace tapegrad
