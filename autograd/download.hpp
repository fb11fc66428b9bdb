// Numbers that travel to the host while a device goes on.
#pragma once

#include <cstddef>
#include <vector>

#include "autograd/tensor.hpp"

namespace tapegrad {

/// The elements of a tensor as they are when all that was asked for so far is computed. What is asked for afterwards
/// may overwrite them, and is not waited for. A backend that cannot do so (`Backend::can_download_later`) downloads at
/// once.
class Download {
public:
    /// Throws BackendError with the plugin's words if it fails, or while kernels are recorded.
    explicit Download(const Tensor& tensor);
    ~Download();
    Download(const Download&) = delete;
    Download& operator=(const Download&) = delete;

    /// Waits until they are there; to be called once. Throws BackendError with the plugin's words if computing them
    /// failed.
    std::vector<double> take();

private:
    BackendPtr backend_;
    DType dtype_;
    std::size_t count_;
    tg_download* coming_ = nullptr;  ///< until it is finished
    std::vector<double> values_;     ///< of a backend that downloads at once
};

}  // namespace tapegrad
