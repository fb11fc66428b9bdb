#include "autograd/captured_work.hpp"

#include <utility>

#include "autograd/errors.hpp"

namespace tapegrad {

CapturedWork::CapturedWork(const BackendPtr& backend, const std::function<void()>& work, const CapturedWork* before)
    : backend_(backend) {
    if (!backend->can_capture())
        throw BackendError("backend " + backend->name(), "one that can record kernels", "one that cannot",
                           "Compute them one by one");
    if (backend->memory_limit_ != Backend::no_limit) backend->free_kept();  // not to be done while kernels are recorded
    memory_ = before != nullptr ? before->memory_ : backend->reserve_memory();
    const tg_backend& plugin = backend->plugin_;
    if (plugin.begin_capture(backend->context_) != TG_OK) backend->fail("begin_capture");
    backend->recording_ = memory_.get();
    try {
        work();
    } catch (...) {
        backend->recording_ = nullptr;
        plugin.end_capture(backend->context_, nullptr);
        throw;
    }
    backend->recording_ = nullptr;
    if (plugin.end_capture(backend->context_, &graph_) != TG_OK) backend->fail("end_capture");
}

CapturedWork::~CapturedWork() { backend_->plugin_.free_graph(backend_->context_, graph_); }

std::int64_t CapturedWork::size() const { return backend_->plugin_.graph_size(backend_->context_, graph_); }

void CapturedWork::replay() {
    if (backend_->plugin_.replay(backend_->context_, graph_) != TG_OK) backend_->fail("replay");
}

}  // namespace tapegrad
