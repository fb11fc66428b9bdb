// Kernels that a backend records once and then computes again and again as one, which costs a fraction of starting
// each.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "autograd/backend.hpp"

namespace tapegrad {

/// What `work` asked of a backend. Replaying it reads and writes the same tensors: what changes from one time to the
/// next has to be written into a tensor before, by `assign` for example, and tensors that were made before have to live
/// as long. Memory that is made while recording is kept for it alone.
class CapturedWork {
public:
    /// Calls `work` once; its kernels are recorded, not computed. Throws BackendError if the backend cannot record
    /// (`Backend::can_capture`) or `work` asks for what cannot be recorded, an upload or a download; what `work` throws
    /// passes through.
    ///
    /// What is always replayed after another, `before`, may use the same memory: what `before` gave back, or what is
    /// given back now of its tensors. All work of one memory is replayed in the order in which it was recorded, and a
    /// tensor that it makes holds its value until other work of that memory is replayed.
    CapturedWork(const BackendPtr& backend, const std::function<void()>& work, const CapturedWork* before = nullptr);
    ~CapturedWork();
    CapturedWork(const CapturedWork&) = delete;
    CapturedWork& operator=(const CapturedWork&) = delete;

    /// Computes all of it, in order. Throws BackendError with the plugin's words if it fails.
    void replay();
    /// How many launches and copies that is.
    std::int64_t size() const;

private:
    BackendPtr backend_;
    std::shared_ptr<Backend::ReservedMemory> memory_;
    tg_graph* graph_ = nullptr;
};

}  // namespace tapegrad
