#include "backends/cuda/transfers.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "backends/cuda/context.hpp"
#include "backends/cuda/errors.hpp"

/// Bytes on their way to the host.
struct tg_download {
    std::unique_ptr<tapegrad::cuda::LockedPlace> place;
    std::size_t bytes;
};

namespace tapegrad::cuda {
namespace {

// Of a place that is kept. What needs more gets a place of its own, which goes with it; that may wait for the device,
// and nothing that trains needs it.
constexpr std::size_t kept_room = 4096;
constexpr std::size_t most_uploads = 64;  // on their way at a time

int take_place(tg_context& context, std::size_t bytes, std::unique_ptr<LockedPlace>& place) {
    auto& free = context.places.free;
    if (bytes <= kept_room && !free.empty()) {
        place = std::move(free.back());
        free.pop_back();
        return TG_OK;
    }
    auto made = std::make_unique<LockedPlace>();
    made->room = std::max(bytes, kept_room);
    if (const int locked = check(context, cudaMallocHost(&made->memory, made->room), "asking for page-locked memory");
        locked != TG_OK)
        return locked;
    const int marked =
        check(context, cudaEventCreateWithFlags(&made->copied, cudaEventDisableTiming), "making an event");
    if (marked == TG_OK) place = std::move(made);
    return marked;
}

void keep_place(tg_context& context, std::unique_ptr<LockedPlace> place) {
    if (place->room == kept_room) context.places.free.push_back(std::move(place));
}

// Starts a copy and marks where it ends. One that was started and cannot be marked is waited for.
int start_copy(tg_context& context, LockedPlace& place, void* to, const void* from, std::size_t bytes,
               cudaMemcpyKind kind, const char* what) {
    const int begun = check(context, cudaMemcpyAsync(to, from, bytes, kind, context.stream), what);
    if (begun != TG_OK) return begun;
    const int marked = check(context, cudaEventRecord(place.copied, context.stream), what);
    if (marked != TG_OK) cudaStreamSynchronize(context.stream);
    return marked;
}

int copy_and_wait(tg_context& context, void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                  const char* what) {
    const int begun = check(context, cudaMemcpyAsync(to, from, bytes, kind, context.stream), what);
    return begun == TG_OK ? check(context, cudaStreamSynchronize(context.stream), "a kernel") : begun;
}

// Places of uploads that the device has read.
void take_back(tg_context& context) {
    auto& uploads = context.places.uploads;
    if (uploads.size() >= most_uploads) cudaEventSynchronize(uploads.front()->copied);
    while (!uploads.empty() && cudaEventQuery(uploads.front()->copied) == cudaSuccess) {
        keep_place(context, std::move(uploads.front()));
        uploads.pop_front();
    }
    cudaGetLastError();  // "not ready" is an answer, and would be told as the error of a later call
}

// Nothing is thrown across the table.
int without_exceptions(tg_context& context, const char* what, const auto& work) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return context.fail("cuda: the host has no memory for " + std::string(what));
    }
}

}  // namespace

int upload(tg_context* context, void* to, const void* from, std::size_t bytes) {
    if (context->captures) return refuse_while_capturing(*context, "an upload");
    // What the host may overwrite afterwards has to be read by then.
    if (bytes > kept_room) return copy_and_wait(*context, to, from, bytes, cudaMemcpyHostToDevice, "an upload");
    return without_exceptions(*context, "an upload", [&] {
        take_back(*context);
        std::unique_ptr<LockedPlace> place;
        if (const int taken = take_place(*context, bytes, place); taken != TG_OK) return taken;
        std::memcpy(place->memory, from, bytes);
        LockedPlace& source = *context->places.uploads.emplace_back(std::move(place));
        return start_copy(*context, source, to, source.memory, bytes, cudaMemcpyHostToDevice, "an upload");
    });
}

int download(tg_context* context, void* to_host, const void* from, std::size_t bytes) {
    if (context->captures) return refuse_while_capturing(*context, "a download");
    return copy_and_wait(*context, to_host, from, bytes, cudaMemcpyDeviceToHost, "a download");
}

int begin_download(tg_context* context, const void* from, std::size_t bytes, tg_download** result) {
    if (context->captures) return refuse_while_capturing(*context, "a download");
    return without_exceptions(*context, "a download", [&] {
        auto download = std::make_unique<tg_download>();
        download->bytes = bytes;
        if (const int taken = take_place(*context, bytes, download->place); taken != TG_OK) return taken;
        LockedPlace& place = *download->place;
        const int begun = start_copy(*context, place, place.memory, from, bytes, cudaMemcpyDeviceToHost, "a download");
        if (begun == TG_OK) *result = download.release();
        return begun;
    });
}

int finish_download(tg_context* context, tg_download* download, void* to_host) {
    return without_exceptions(*context, "a download", [&] {
        const std::unique_ptr<tg_download> finished(download);
        // Also when the bytes are dropped: until then the device may write them.
        const int copied = check(*context, cudaEventSynchronize(finished->place->copied), "a kernel");
        if (copied != TG_OK) return copied;
        if (to_host != nullptr) std::memcpy(to_host, finished->place->memory, finished->bytes);
        keep_place(*context, std::move(finished->place));
        return copied;
    });
}

}  // namespace tapegrad::cuda
