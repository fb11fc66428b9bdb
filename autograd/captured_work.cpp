#include "autograd/captured_work.hpp"

#include <utility>

#include "autograd/errors.hpp"

namespace tapegrad {

CapturedWork::CapturedWork(const BackendPtr& backend, const std::function<void()>& work) : backend_(backend) {
    if (!backend->can_capture())
        throw BackendError("backend " + backend->name(), "one that can record kernels", "one that cannot",
                           "Compute them one by one");
    const tg_backend& plugin = backend->plugin_;
    if (plugin.begin_capture(backend->context_) != TG_OK) backend->fail("begin_capture");
    backend->reserved_.push_back(&memory_);
    backend->recording_ = &memory_;
    try {
        work();
    } catch (...) {
        backend->recording_ = nullptr;
        plugin.end_capture(backend->context_, nullptr);
        backend->unreserve(memory_);
        throw;
    }
    backend->recording_ = nullptr;
    if (plugin.end_capture(backend->context_, &graph_) != TG_OK) {
        backend->unreserve(memory_);
        backend->fail("end_capture");
    }
}

CapturedWork::~CapturedWork() {
    backend_->plugin_.free_graph(backend_->context_, graph_);
    backend_->unreserve(memory_);
}

std::int64_t CapturedWork::size() const { return backend_->plugin_.graph_size(backend_->context_, graph_); }

void CapturedWork::replay() {
    if (backend_->plugin_.replay(backend_->context_, graph_) != TG_OK) backend_->fail("replay");
}

}  // namespace tapegrad
