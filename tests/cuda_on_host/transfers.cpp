// Copies, page-locked memory and events. What goes to page-locked memory is there when somebody waits for it, and NaN
// until then; what comes from it must stay as it is that long. Otherwise the process ends with a sentence.
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <mutex>
#include <vector>

#include "tests/cuda_on_host/stream.hpp"

using cuda_on_host::set_error;

struct cudaEvent {
    cudaStream* stream = nullptr;
    std::size_t copies = 0;  ///< of the stream, that come before the event
};

namespace {

[[noreturn]] void end_process(const char* sentence) {
    std::fprintf(stderr, "cuda_on_host: %s\n", sentence);
    std::abort();
}

class LockedMemory {
public:
    cudaError_t allocate(void** memory, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        *memory = ::operator new(bytes);
        blocks_[static_cast<const char*>(*memory)] = {bytes, 0};
        return cudaSuccess;
    }
    cudaError_t free(void* memory) {
        const std::lock_guard lock(mutex_);
        const auto found = blocks_.find(static_cast<const char*>(memory));
        if (found == blocks_.end()) return set_error(cudaErrorInvalidValue);
        if (found->second.copies != 0)
            end_process("page-locked memory is freed while a copy from or to it is on its way");
        ::operator delete(memory);
        blocks_.erase(found);
        return cudaSuccess;
    }
    /// Whether a copy of that many bytes begins in such memory, where it has to end too.
    bool has(const void* memory, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        const auto block = block_at(memory);
        if (block == blocks_.end()) return false;
        if (static_cast<const char*>(memory) + bytes > block->first + block->second.bytes)
            end_process("a copy goes beyond the end of page-locked memory");
        return true;
    }
    /// Counts the copies that are on their way.
    void count(const void* memory, int more) {
        const std::lock_guard lock(mutex_);
        block_at(memory)->second.copies += more;
    }

private:
    struct Block {
        std::size_t bytes;
        int copies;
    };
    using Blocks = std::map<const char*, Block>;

    Blocks::iterator block_at(const void* memory) {
        const char* const at = static_cast<const char*>(memory);
        const auto behind = blocks_.upper_bound(at);
        if (behind == blocks_.begin()) return blocks_.end();
        const auto block = std::prev(behind);
        return at < block->first + block->second.bytes ? block : blocks_.end();
    }

    std::mutex mutex_;
    Blocks blocks_;
};

LockedMemory& locked_memory() {
    static LockedMemory memory;
    return memory;
}

std::vector<char> bytes_at(const void* memory, std::size_t bytes) {
    const char* const begin = static_cast<const char*>(memory);
    return {begin, begin + bytes};
}

void start_download(cudaStream& stream, void* to, const void* from, std::size_t bytes) {
    locked_memory().count(to, 1);
    stream.copies.push_back([to, sent = bytes_at(from, bytes)] {
        std::memcpy(to, sent.data(), sent.size());
        locked_memory().count(to, -1);
    });
    std::memset(to, 0xff, bytes);
}

void start_upload(cudaStream& stream, void* to, const void* from, std::size_t bytes) {
    std::memcpy(to, from, bytes);
    locked_memory().count(from, 1);
    stream.copies.push_back([from, sent = bytes_at(from, bytes)] {
        if (std::memcmp(from, sent.data(), sent.size()) != 0)
            end_process("page-locked memory is written before the device has read it");
        locked_memory().count(from, -1);
    });
}

}  // namespace

cudaError_t cudaMallocHost(void** memory, std::size_t bytes) { return locked_memory().allocate(memory, bytes); }
cudaError_t cudaFreeHost(void* memory) { return locked_memory().free(memory); }

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    return cuda_on_host::submit(stream, [=] {
        if (kind == cudaMemcpyDeviceToHost && locked_memory().has(to, bytes))
            start_download(*stream, to, from, bytes);
        else if (kind == cudaMemcpyHostToDevice && locked_memory().has(from, bytes))
            start_upload(*stream, to, from, bytes);
        else
            std::memcpy(to, from, bytes);
    });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
    *event = new cudaEvent;
    return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
    delete event;
    return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    if (stream->captured != nullptr) return set_error(cudaErrorStreamCaptureUnsupported);
    *event = {stream, stream->copied + stream->copies.size()};
    return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    if (event->stream != nullptr) event->stream->end_copies(event->copies);
    return cudaSuccess;
}
// A device is not always done when it is asked: here each other time.
cudaError_t cudaEventQuery(cudaEvent_t event) {
    thread_local bool done = false;
    done = !done;
    if (!done && event->stream != nullptr && event->copies > event->stream->copied) return set_error(cudaErrorNotReady);
    return cudaEventSynchronize(event);
}
