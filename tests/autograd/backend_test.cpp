#include "autograd/backend.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include "autograd/errors.hpp"
#include "autograd/kernel_watch.hpp"
#include "autograd/ops.hpp"
#include "autograd/ops/infer.hpp"
#include "tests/autograd/approximately.hpp"
#include "tests/autograd/kernel_log.hpp"
#include "tests/autograd/wrapped_plugin.hpp"
#include "tests/datasets/expect_error.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

// An op that only a kernel of its name can run.
OpDef op_with_kernel(const char* name) { return {.name = name, .infer = infer_same}; }

double* doubles(const tg_array& array) { return static_cast<double*>(array.data); }

}  // namespace

BOOST_AUTO_TEST_SUITE(autograd_backend)

BOOST_AUTO_TEST_CASE(memory_stands_still_after_the_first_step_of_a_training) {
    const BackendPtr backend = open_backend("reference");
    const Tensor x = full(backend, {32, 7}, 0.5), target = full(backend, {32, 3}, 1), rate = full(backend, {}, 0.01),
                 weight = parameter(full(backend, {7, 3}, 0.1)), velocity = zeros_like(weight);
    std::uint64_t after_first = 0;
    for (std::uint32_t step = 0; step < 10; ++step) {
        {
            Tape tape;
            RandomStream stream(random_key(backend, 1, step));
            tape.backward(mse_loss(elu(matmul(dropout(x, 0.6, stream.next()), weight)), target));
        }
        sgd_step(std::vector{SgdTensors{weight, velocity, weight.grad()}}, rate, 0.9, 0.01);
        weight.set_grad({});
        if (step == 0) after_first = backend->plugin_allocations();
    }
    BOOST_TEST(after_first > 5u);
    BOOST_TEST(backend->plugin_allocations() == after_first);
}

BOOST_AUTO_TEST_CASE(released_memory_is_used_again_for_tensors_of_about_its_size) {
    const BackendPtr backend = open_backend("reference");
    full(backend, {1000}, 0);
    const std::uint64_t before = backend->plugin_allocations();
    full(backend, {1000}, 0);
    full(backend, {999}, 0);
    BOOST_TEST(backend->plugin_allocations() == before);
    const Tensor one = full(backend, {1000}, 0), two = full(backend, {1000}, 0);
    BOOST_TEST(one.array().data != two.array().data);
    BOOST_TEST(backend->plugin_allocations() == before + 1);
}

// Else some would walk through 2^40 rows of nothing.
BOOST_AUTO_TEST_CASE(no_kernel_is_called_for_what_has_no_elements) {
    KernelLog log;
    const BackendPtr& backend = log.backend();
    const std::int64_t many = std::int64_t{1} << 40;
    const Tensor x = full(backend, {many, 0}, 1);
    exp(x + x);
    sum(x, {0});
    matmul(full(backend, {many, 0, 3}, 1), full(backend, {many, 3, 0}, 1));
    expand(full(backend, {1, 0}, 1), {many, 0});
    transpose(full(backend, {many, 0, 2}, 1), {2, 1, 0});
    BOOST_TEST(log.take() == "");
    cat(std::array{full(backend, {many, 0}, 1), full(backend, {many, 0}, 1)}, 1);
    cat(std::array{full(backend, {0, 3}, 1), full(backend, {1, 3}, 1)}, 0);
    BOOST_TEST(log.take() == "fill [1, 3], strided_copy (1 3 0 1 0 1)");
}

BOOST_AUTO_TEST_CASE(new_backend_has_asked_for_no_memory) {
    const BackendPtr backend = open_backend("reference");
    BOOST_TEST(backend->plugin_allocations() == 0U);
    BOOST_TEST(backend->bytes_in_use() == 0U);
    BOOST_TEST(backend->peak_bytes() == 0U);
}

BOOST_AUTO_TEST_CASE(guards_that_a_watch_asks_for_lie_before_and_behind_all_memory) {
    struct Watch : KernelWatch {
        int run(const KernelId&, tg_kernel kernel, tg_context* context, tg_call& call) override {
            return kernel(context, &call);
        }
    } watch;
    struct : Watch {
        std::size_t guard_bytes() const override { return 128; }
    } guarding;
    // The distance of a tensor's memory from the plugin's, and the size of that.
    const auto memory_of_800_bytes = [](KernelWatch& with) {
        const WrappedPlugin plugin("guarded");
        const BackendPtr backend = Backend::open(plugin.table, 1, &with);
        const Tensor x = full(backend, {100}, 1, DType::f64);
        BOOST_TEST_REQUIRE(WrappedPlugin::counts().in_use.size() == 1U);
        const auto& [memory, bytes] = *WrappedPlugin::counts().in_use.begin();
        return std::pair(static_cast<std::byte*>(x.array().data) - static_cast<std::byte*>(memory), bytes);
    };
    BOOST_TEST((memory_of_800_bytes(watch) == std::pair(std::ptrdiff_t{0}, std::size_t{896})));
    BOOST_TEST((memory_of_800_bytes(guarding) == std::pair(std::ptrdiff_t{128}, std::size_t{128 + 896 + 128})));
}

BOOST_AUTO_TEST_CASE(room_of_a_tape_is_kept_up_to_four_megabytes) {
    const BackendPtr backend = open_backend("reference");
    std::vector<TapeNode> small, large;
    small.reserve((std::size_t{4} << 20) / sizeof(TapeNode));
    large.reserve((std::size_t{4} << 20) / sizeof(TapeNode) + 1);
    backend->keep_nodes(std::move(small));
    BOOST_TEST(backend->take_nodes().capacity() == (std::size_t{4} << 20) / sizeof(TapeNode));
    backend->keep_nodes(std::move(large));
    BOOST_TEST(backend->take_nodes().capacity() == 0U);
}

BOOST_AUTO_TEST_CASE(bytes_in_use_are_those_of_live_blocks_and_the_peak_is_their_most) {
    const BackendPtr backend = open_backend("reference");
    BOOST_TEST(backend->bytes_in_use() == 0U);
    const Tensor kept = full(backend, {16}, 0);  // 64 bytes, a size of blocks
    BOOST_TEST(backend->bytes_in_use() == 64U);
    { const Tensor dropped = full(backend, {128}, 0); }
    BOOST_TEST(backend->bytes_in_use() == 64U);
    BOOST_TEST(backend->peak_bytes() == 64U + 512U);
    backend->restart_peak();
    BOOST_TEST(backend->peak_bytes() == 64U);
    const Tensor reused = full(backend, {128}, 0);  // from the block kept
    BOOST_TEST(backend->peak_bytes() == 64U + 512U);
    const Tensor view = reshape(reused, {8, 16});
    BOOST_TEST(backend->bytes_in_use() == 64U + 512U);
}

BOOST_AUTO_TEST_CASE(block_of_any_size_has_room_for_what_was_asked) {
    const BackendPtr backend = open_backend("reference");
    for (std::size_t bytes = 1; bytes < 5000; bytes += 7) {
        const Block block = backend->allocate(bytes);
        std::memset(block.data, 1, bytes);  // the address sanitizer watches
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(block.data) % 64 == 0u);
        backend->release(block);
    }
}

BOOST_AUTO_TEST_CASE(all_memory_goes_back_to_the_plugin_with_the_last_tensor) {
    const WrappedPlugin plugin("counted");
    const PluginCounts& counts = WrappedPlugin::counts();
    {
        Tensor last;
        {
            const BackendPtr backend = Backend::open(plugin.table, 1);
            const Tensor x = full(backend, {100}, 1);
            last = exp(x) + x;
        }
        BOOST_TEST(counts.closes == 0, "a tensor keeps its backend alive");
        BOOST_TEST(approximately(sum(last), {}, {100 * (std::exp(1.0) + 1)}));
    }
    BOOST_TEST(counts.allocations > 3);
    BOOST_TEST(counts.frees == counts.allocations);
    BOOST_TEST(counts.closes == 1);
}

BOOST_AUTO_TEST_CASE(the_plugin_is_asked_for_no_more_than_the_memory_limit) {
    const WrappedPlugin plugin("limited");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const auto held = [] {
        std::size_t bytes = 0;
        for (const auto& [memory, size] : WrappedPlugin::counts().in_use) bytes += size;
        return bytes;
    };
    backend->set_memory_limit(3 * 4096);
    const Tensor x = full(backend, {1024}, 1), y = full(backend, {1024}, 2);  // 4096 bytes each
    expect_error<BackendError>([&] { full(backend, {2048}, 0); },
                               {"limited", "memory", "12288 bytes at most", "8192 bytes in use and 8192 more"});
    { const Tensor last = full(backend, {1024}, 3); }
    BOOST_TEST(held() == 3 * 4096U);
    // What is kept for reuse, in blocks of many sizes, gives way.
    for (const std::int64_t size : {1, 20, 40, 300, 700}) full(backend, {size}, 0);
    BOOST_TEST(held() <= 3 * 4096U);
    BOOST_TEST(approximately(sum(full(backend, {500}, 1)), {}, {500}));
    BOOST_TEST(held() <= 3 * 4096U);
    BOOST_TEST(approximately(sum(x), {}, {1024}));

    backend->set_memory_limit(100);  // what is there stays
    expect_error<BackendError>([&] { full(backend, {5000}, 0); }, {"100 bytes at most"});
    BOOST_TEST(approximately(x, {1024}, std::vector<double>(1024, 1)));
}

BOOST_AUTO_TEST_CASE(running_out_of_memory_is_an_error_with_the_size) {
    const WrappedPlugin plugin("full");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const Tensor x = full(backend, {1024}, 1);
    WrappedPlugin::counts().out_of_memory = true;
    expect_error<BackendError>([&] { exp(x); }, {"full", "alloc", "4096 bytes", "more memory"});
    WrappedPlugin::counts().out_of_memory = false;
    BOOST_TEST(exp(x).size() == 1024);
}

BOOST_AUTO_TEST_CASE(kept_blocks_go_back_to_a_plugin_that_runs_out_of_memory) {
    const WrappedPlugin plugin("tight");
    PluginCounts& counts = WrappedPlugin::counts();
    counts.most_bytes = 100'000;
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const Tensor x = full(backend, {16}, 1);
    for (const std::int64_t size : {10'000, 20'000, 14'000}) full(backend, {size}, 1);
    BOOST_TEST(counts.frees == 2, "40,000 and 80,000 bytes do not fit together, and neither do 80,000 and 56,000");
    expect_error<BackendError>([&] { full(backend, {25'001}, 1); }, {"tight", "alloc", "100004 bytes"});
    BOOST_TEST(counts.frees == counts.allocations - 1, "all that is not in use was given back");
    BOOST_TEST(approximately(x + 1.0, {16}, std::vector<double>(16, 2)));
}

BOOST_AUTO_TEST_CASE(size_beyond_all_memory_is_an_error) {
    const WrappedPlugin plugin("full");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    WrappedPlugin::counts().out_of_memory = true;
    expect_error<BackendError>([&] { full(backend, {std::int64_t{1} << 58}, 1); },
                               {"alloc", "1152921504606846976 bytes"});
}

BOOST_AUTO_TEST_CASE(backend_that_does_not_open_says_why) {
    WrappedPlugin plugin("shut");
    plugin.table.open = [](int, tg_context**) -> int { return TG_FAILED; };
    plugin.table.last_error = [](tg_context* context) {
        return context == nullptr ? "the door is locked" : "asked about a context that was never made";
    };
    expect_error<BackendError>([&] { Backend::open(plugin.table, 1); }, {"shut", "open", "the door is locked"});
}

BOOST_AUTO_TEST_CASE(failed_transfer_says_why) {
    WrappedPlugin plugin("broken_bus");
    plugin.table.upload = [](tg_context*, void*, const void*, std::size_t) -> int { return TG_FAILED; };
    plugin.table.download = plugin.table.upload;
    plugin.table.last_error = [](tg_context*) { return "the bus broke down"; };
    plugin.table.download = [](tg_context*, void*, const void*, std::size_t) -> int { return TG_FAILED; };
    plugin.table.sync = [](tg_context*) -> int { return TG_FAILED; };
    const BackendPtr backend = Backend::open(plugin.table, 1);
    expect_error<BackendError>([&] { backend->sync(); }, {"broken_bus", "sync", "the bus broke down"});
    Backend::open(WrappedPlugin::original(), 1)->sync();
    expect_error<BackendError>(
        [&] {
            from_values(backend, {2}, std::vector<double>{1, 2});
        },
        {"broken_bus", "upload", "the bus broke down"});
    const Tensor x = full(backend, {2}, 1);
    expect_error<BackendError>([&] { x.values<float>(); }, {"broken_bus", "download", "the bus broke down"});
}

BOOST_AUTO_TEST_CASE(words_of_a_failing_kernel_reach_the_user) {
    const FoundPlugin found = load_plugin(TAPEGRAD_BINARY_DIR "/test_plugins/libtapegrad_backend_failing_kernel.so");
    BOOST_TEST_REQUIRE(found.plugin != nullptr, found.refusal);
    const BackendPtr backend = Backend::open(*found.plugin, 1);
    const Tensor x = from_values(backend, {2}, std::vector<double>{1, 2});
    expect_error<BackendError>([&] { x* x; }, {"failing_kernel", "kernel mul", "the abacus lost a bead"});
    expect_error<BackendError>([&] { full(backend, {2}, 1); }, {"kernel fill", "the abacus lost a bead"});
}

BOOST_AUTO_TEST_CASE(kernel_gets_the_workspace_that_it_asks_for) {
    register_kernel("workspace", "test_twice_in_workspace", DType::f64, [](tg_context*, tg_call* call) -> int {
        const std::size_t needed = static_cast<std::size_t>(call->inputs[0].size) * sizeof(double);
        if (call->workspace_size < needed) {
            call->workspace_size = needed;
            return TG_NEEDS_WORKSPACE;
        }
        std::memcpy(call->workspace, call->inputs[0].data, needed);
        for (std::int64_t i = 0; i < call->inputs[0].size; ++i)
            doubles(call->outputs[0])[i] = 2 * static_cast<double*>(call->workspace)[i];
        return TG_OK;
    });
    const WrappedPlugin plugin("workspace");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const OpDef op = op_with_kernel("test_twice_in_workspace");
    const Tensor x = full(backend, {1000}, 3, DType::f64);
    BOOST_TEST(approximately(apply_one(op, {x}), {1000}, std::vector<double>(1000, 6)));
    const std::uint64_t before = backend->plugin_allocations();
    BOOST_TEST(approximately(apply_one(op, {x}), {1000}, std::vector<double>(1000, 6)));
    BOOST_TEST(backend->plugin_allocations() == before, "the workspace is kept for the next call");
}

BOOST_AUTO_TEST_CASE(kernel_that_fails_with_a_workspace_gives_it_back) {
    register_kernel("insatiable", "test_insatiable", DType::f64, [](tg_context*, tg_call* call) -> int {
        call->workspace_size += 1000;
        return TG_NEEDS_WORKSPACE;
    });
    const WrappedPlugin plugin("insatiable");
    const BackendPtr backend = Backend::open(plugin.table, 1);
    const OpDef op = op_with_kernel("test_insatiable");
    const Tensor x = full(backend, {3}, 3, DType::f64);
    expect_error<BackendError>([&] { apply_one(op, {x}); }, {"insatiable", "kernel test_insatiable"});
    const std::uint64_t before = backend->plugin_allocations();
    expect_error<BackendError>([&] { apply_one(op, {x}); }, {"kernel test_insatiable"});
    BOOST_TEST(backend->plugin_allocations() == before);
}

BOOST_AUTO_TEST_CASE(registered_kernel_is_used_by_backends_opened_afterwards) {
    const WrappedPlugin plugin("replaced"), other("not_replaced");
    const BackendPtr before = Backend::open(plugin.table, 1);
    const auto sum_of_ones = [](const BackendPtr& backend, DType dtype) {
        const Tensor one = full(backend, {}, 1, dtype);
        return (one + one).item();
    };
    BOOST_TEST(sum_of_ones(before, DType::f64) == 2);
    register_kernel("replaced", "add", DType::f64, [](tg_context*, tg_call* call) -> int {
        doubles(call->outputs[0])[0] = 42;
        return TG_OK;
    });
    const BackendPtr after = Backend::open(plugin.table, 1);
    BOOST_TEST(sum_of_ones(after, DType::f64) == 42);
    BOOST_TEST(sum_of_ones(after, DType::f32) == 2, "only f64 was replaced");
    BOOST_TEST(sum_of_ones(before, DType::f64) == 2);
    BOOST_TEST(sum_of_ones(Backend::open(other.table, 1), DType::f64) == 2);
}

BOOST_AUTO_TEST_CASE(name_and_threads_are_those_it_was_opened_with) {
    const WrappedPlugin plugin("named");
    const BackendPtr backend = Backend::open(plugin.table, 3);
    BOOST_TEST(backend->name() == "named");
    BOOST_TEST(backend->threads() == 3);
}

BOOST_AUTO_TEST_CASE(kernel_ids_of_one_name_are_one) {
    BOOST_TEST(KernelId("add").number() == KernelId("add").number());
    BOOST_TEST(KernelId("add").number() != KernelId("mul").number());
    BOOST_TEST(KernelId("mul").name() == "mul");
}

BOOST_AUTO_TEST_SUITE_END()
