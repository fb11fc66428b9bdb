#include "autograd/download.hpp"

#include <utility>

#include "autograd/elements.hpp"

namespace tapegrad {

Download::Download(const Tensor& tensor)
    : backend_(tensor.backend()), dtype_(tensor.dtype()), count_(static_cast<std::size_t>(tensor.size())) {
    if (!backend_->can_download_later() || count_ == 0) {
        values_ = tensor.values<double>();
        return;
    }
    backend_->refuse_while_recording("a download");
    if (backend_->plugin_.begin_download(backend_->context_, tensor.array().data, tensor.bytes(), &coming_) != TG_OK)
        backend_->fail("begin_download");
}

Download::~Download() {
    if (coming_ != nullptr) backend_->plugin_.finish_download(backend_->context_, coming_, nullptr);
}

std::vector<double> Download::take() {
    if (coming_ == nullptr) return std::move(values_);
    return elements_as<double>(dtype_, count_, [&](void* to_host) {
        tg_download* const download = std::exchange(coming_, nullptr);
        if (backend_->plugin_.finish_download(backend_->context_, download, to_host) != TG_OK)
            backend_->fail("finish_download");
    });
}

}  // namespace tapegrad
