#include "tests/cuda_on_host/blocks.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>

namespace tapegrad::cuda {

/// The shared memory of the block that runs, under the name that the kernels declare, with room behind it in which
/// writes over its end are found.
alignas(16) unsigned char shared_memory[96 * 1024];

}  // namespace tapegrad::cuda

namespace cuda_on_host {

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace {

using tapegrad::cuda::shared_memory;

constexpr unsigned char poison = 0xff;  // as bytes of f32 and f64 a NaN
constexpr std::size_t guard_bytes = 1024;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "cuda_on_host: block %u, thread %u: %s\n", blockIdx.x, threadIdx.x, what.c_str());
    std::abort();
}

std::string text_of(const std::experimental::source_location& place) {
    return std::string(place.file_name()) + ":" + std::to_string(place.line());
}

/// Where a thread waits for others.
struct Meeting {
    std::experimental::source_location place;
    bool whole_block = false;
    unsigned mask = 0;
    std::uint64_t value = 0;
    int from = 0;

    bool same_place(const Meeting& other) const {
        return whole_block == other.whole_block && mask == other.mask && place.line() == other.place.line() &&
               place.column() == other.place.column() &&
               (place.file_name() == other.place.file_name() ||
                std::strcmp(place.file_name(), other.place.file_name()) == 0);
    }
};

struct Worker;

struct Thread {
    bool ended = false;
    std::optional<Meeting> waits;  ///< for the others
    Worker* worker = nullptr;      ///< on whose stack it waits
    FromLanes received{};
};

/// A stack on which threads run: the next as soon as one has ended, so that most kernels need one alone.
struct Worker {
    boost::context::fiber fiber;
    unsigned thread = 0;
};

class Block {
public:
    Block(std::mt19937& random, unsigned threads, const std::function<void()>& body)
        : random_(random), body_(body), threads_(threads), order_(threads), halted_(threads / lanes_of_warp + 1) {
        halted_.back() = ~0u << threads % lanes_of_warp;
        std::iota(order_.begin(), order_.end(), 0u);
        std::ranges::shuffle(order_, random_);
    }

    void run() {
        while (!order_.empty() || !ready_.empty()) {
            const bool resumes = order_.empty() || (!ready_.empty() && random_() % 2 == 0);
            Worker* const worker = resumes ? take_ready() : new_worker();
            enter(*worker);
            worker->fiber = std::move(worker->fiber).resume();
        }
        for (unsigned t = 0; t < threads_.size(); ++t)
            if (!threads_[t].ended) {
                set_thread(t);
                fail("waits at " + text_of(threads_[t].waits->place) + " for threads that do not come");
            }
    }

    /// Called on a worker's stack: back to the loop above until all that the meeting needs are there.
    const FromLanes& meet(const Meeting& meeting) {
        const unsigned self = current_->thread;
        threads_[self].waits = meeting;
        threads_[self].worker = current_;
        halt(self);
        ++waiting_;
        if (meeting.whole_block)
            release_block(meeting);
        else
            release_warp(self, meeting);
        loop_ = std::move(loop_).resume();
        return threads_[self].received;
    }

private:
    void set_thread(unsigned t) {
        threadIdx = {t % blockDim.x, t / blockDim.x % blockDim.y, t / blockDim.x / blockDim.y};
    }
    void enter(Worker& worker) {
        current_ = &worker;
        set_thread(worker.thread);
    }
    unsigned take_thread() {
        const unsigned t = order_.back();
        order_.pop_back();
        return t;
    }
    /// Any, but in an eighth of the blocks the one that was released last: a warp then runs ahead as far as it can, and
    /// others come late.
    Worker* take_ready() {
        if (!runs_ahead_) std::swap(ready_[random_() % ready_.size()], ready_.back());
        Worker* const worker = ready_.back();
        ready_.pop_back();
        return worker;
    }

    Worker* new_worker() {
        Worker& worker = workers_.emplace_back();
        worker.thread = take_thread();
        worker.fiber =
            boost::context::fiber(std::allocator_arg, stacks(), [this, &worker](boost::context::fiber&& loop) {
                loop_ = std::move(loop);
                while (true) {
                    body_();
                    threads_[worker.thread].ended = true;
                    halt(worker.thread);
                    if (order_.empty()) break;
                    worker.thread = take_thread();
                    enter(worker);
                }
                return std::move(loop_);
            });
        return &worker;
    }

    static boost::context::pooled_fixedsize_stack& stacks() {
        // Five lines of the cache more than a power of two, or all stacks would use the same sets of it.
        static boost::context::pooled_fixedsize_stack pool(128 * 1024 + 320);
        return pool;
    }

    void halt(unsigned t) { halted_[t / lanes_of_warp] |= 1u << t % lanes_of_warp; }
    void make_ready(unsigned t) {
        halted_[t / lanes_of_warp] &= ~(1u << t % lanes_of_warp);
        threads_[t].waits.reset();
        ready_.push_back(threads_[t].worker);
        --waiting_;
    }

    void release_block(const Meeting& meeting) {
        if (waiting_ < threads_.size()) return;
        for (const Thread& thread : threads_)
            if (!thread.waits->same_place(meeting))
                fail("threads of one block wait at " + text_of(meeting.place) + " and at " +
                     text_of(thread.waits->place));
        for (unsigned t = 0; t < threads_.size(); ++t) make_ready(t);
    }

    void release_warp(unsigned self, const Meeting& meeting) {
        const unsigned first = self / lanes_of_warp * lanes_of_warp;
        if ((meeting.mask >> (self - first) & 1u) == 0)
            fail("a lane is not in the mask that it gives at " + text_of(meeting.place));
        if ((meeting.mask & ~halted_[self / lanes_of_warp]) != 0) return;
        unsigned ballot = 0;
        for (unsigned mask = meeting.mask; mask != 0; mask &= mask - 1) {
            const auto other_lane = static_cast<unsigned>(std::countr_zero(mask));
            if (first + other_lane >= threads_.size() || threads_[first + other_lane].ended)
                fail("the mask at " + text_of(meeting.place) + " names a lane that has ended or never was");
            const Thread& other = threads_[first + other_lane];
            if (!other.waits->same_place(meeting))
                fail("lanes of one warp wait at " + text_of(meeting.place) + " and at " + text_of(other.waits->place));
            ballot |= static_cast<unsigned>(other.waits->value & 1u) << other_lane;
        }
        for (unsigned mask = meeting.mask; mask != 0; mask &= mask - 1) {
            Thread& lane_state = threads_[first + static_cast<unsigned>(std::countr_zero(mask))];
            const int from = lane_state.waits->from;
            if (from < 0 || from >= lanes_of_warp || (meeting.mask >> from & 1u) == 0)
                fail("a lane asks at " + text_of(meeting.place) + " for one that is not in the mask");
            lane_state.received = {threads_[first + static_cast<unsigned>(from)].waits->value, ballot};
        }
        for (unsigned mask = meeting.mask; mask != 0; mask &= mask - 1)
            make_ready(first + static_cast<unsigned>(std::countr_zero(mask)));
    }

    std::mt19937& random_;
    const std::function<void()>& body_;
    std::vector<Thread> threads_;
    std::vector<unsigned> order_;   ///< threads that have not begun, the next one last
    std::vector<unsigned> halted_;  ///< of each warp, a bit for each lane that waits, has ended or never was
    std::deque<Worker> workers_;
    std::vector<Worker*> ready_;
    const bool runs_ahead_ = random_() % 8 == 0;
    std::size_t waiting_ = 0;  ///< threads that wait for others
    Worker* current_ = nullptr;
    boost::context::fiber loop_;
};

Block* running = nullptr;

unsigned seed_of_process() {
    const char* const text = std::getenv("TAPEGRAD_CUDA_ON_HOST_SEED");
    return text == nullptr ? 1u : static_cast<unsigned>(std::strtoul(text, nullptr, 10));
}

}  // namespace

int lane() {
    const unsigned t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    return static_cast<int>(t % lanes_of_warp);
}

void run_grid(dim3 grid, dim3 block, std::size_t shared_bytes, const std::function<void()>& thread) {
    static std::mutex one_at_a_time;
    static std::mt19937 random(seed_of_process());
    static const std::vector<unsigned char> untouched(guard_bytes, poison);
    const std::lock_guard lock(one_at_a_time);
    gridDim = grid;
    blockDim = block;
    std::vector<unsigned> blocks(grid.x * grid.y * grid.z);
    std::iota(blocks.begin(), blocks.end(), 0u);
    std::ranges::shuffle(blocks, random);
    for (const unsigned b : blocks) {
        blockIdx = {b % grid.x, b / grid.x % grid.y, b / grid.x / grid.y};
        std::memset(shared_memory, poison, shared_bytes + guard_bytes);
        Block work(random, block.x * block.y * block.z, thread);
        running = &work;
        work.run();
        if (std::memcmp(shared_memory + shared_bytes, untouched.data(), guard_bytes) != 0)
            fail("the kernel wrote behind its shared memory of " + std::to_string(shared_bytes) + " bytes");
    }
}

void meet_block(const std::experimental::source_location& place) {
    running->meet({.place = place, .whole_block = true});
}

FromLanes meet_warp(unsigned mask, std::uint64_t value, int from, const std::experimental::source_location& place) {
    return running->meet({.place = place, .mask = mask, .value = value, .from = from});
}

}  // namespace cuda_on_host
