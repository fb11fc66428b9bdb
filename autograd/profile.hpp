// Which ops ran on a backend, how often, for how long, and how much they read and wrote.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// Counts the ops of a backend while it is attached. The times are those of the calls: a backend that computes
/// asynchronously may still be at work.
class OpProfile {
public:
    /// All calls of one op.
    struct Row {
        std::string op;
        std::uint64_t native = 0;         ///< calls that ran by kernels
        std::uint64_t composed = 0;       ///< calls that ran by other ops, which have rows of their own
        double seconds = 0;               ///< with the ops inside
        double self_seconds = 0;          ///< without
        std::uint64_t bytes_read = 0;     ///< the op's inputs
        std::uint64_t bytes_written = 0;  ///< its outputs
    };

    /// One row an op, the one with the most time of its own first.
    std::vector<Row> rows() const;
    void clear() { rows_.clear(); }

    /// An op while it runs; without a profile it does nothing.
    class Call {
    public:
        explicit Call(OpProfile* profile) : profile_(profile) {
            if (profile_ != nullptr) begin();
        }
        ~Call() {
            if (profile_ != nullptr) profile_->inside_ = inside_before_ + seconds_;
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

        /// Counts it. A call that throws is not counted.
        void finish(const std::string& op, bool native, std::span<const Tensor> inputs,
                    std::span<const Tensor> outputs) {
            if (profile_ != nullptr) count(op, native, inputs, outputs);
        }

    private:
        void begin();
        void count(const std::string& op, bool native, std::span<const Tensor> inputs, std::span<const Tensor> outputs);

        OpProfile* profile_;
        std::chrono::steady_clock::time_point start_;
        double inside_before_ = 0;
        double seconds_ = 0;
    };

private:
    std::unordered_map<std::string, Row> rows_;
    // The seconds of the calls that finished inside the one that runs now.
    double inside_ = 0;
};

/// Attaches a profile, or none, to a backend for as long as it lives.
class AttachedProfile {
public:
    AttachedProfile(BackendPtr backend, OpProfile* profile)
        : backend_(std::move(backend)), before_(backend_->profile()) {
        backend_->set_profile(profile);
    }
    ~AttachedProfile() { backend_->set_profile(before_); }
    AttachedProfile(const AttachedProfile&) = delete;
    AttachedProfile& operator=(const AttachedProfile&) = delete;

private:
    BackendPtr backend_;
    OpProfile* before_;
};

}  // namespace tapegrad
