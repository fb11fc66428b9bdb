// Copies between host and device. Those from and to memory that the device reads and writes by itself need not be
// waited for.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "backends/backend_abi.h"

namespace tapegrad::cuda {

/// Page-locked memory of the host, and the event behind the last copy from it or to it.
struct LockedPlace {
    void* memory = nullptr;
    std::size_t room = 0;
    cudaEvent_t copied = nullptr;

    LockedPlace() = default;
    LockedPlace(const LockedPlace&) = delete;
    LockedPlace& operator=(const LockedPlace&) = delete;
    ~LockedPlace() {
        if (copied != nullptr) cudaEventDestroy(copied);
        if (memory != nullptr) cudaFreeHost(memory);
    }
};

/// What a context keeps: locking pages takes far longer than a copy.
struct LockedPlaces {
    std::vector<std::unique_ptr<LockedPlace>> free;
    std::deque<std::unique_ptr<LockedPlace>> uploads;  ///< perhaps not read yet, in the order of the stream
};

/// The entries of the plugin's table. An upload of a few numbers, which steps make, is not waited for; the device may
/// still be busy with what was asked for before.
int upload(tg_context* context, void* to, const void* from, std::size_t bytes);
int download(tg_context* context, void* to_host, const void* from, std::size_t bytes);
int begin_download(tg_context* context, const void* from, std::size_t bytes, tg_download** result);
int finish_download(tg_context* context, tg_download* download, void* to_host);

}  // namespace tapegrad::cuda
