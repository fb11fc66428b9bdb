// What a kernel must not do to memory, watched at every call.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "autograd/backend.hpp"
#include "autograd/kernel_watch.hpp"

namespace tapegrad {

/// Runs every kernel twice. Before each time, all of its outputs, its scratch memory and the bytes around every array
/// get a pattern, another one each time. It is a fault when a kernel
///   - writes before or behind an array, or into an input that is not also an output;
///   - leaves an element of an output unwritten (strided_copy may, and updates what it overwrites);
///   - changes how the processor rounds or treats denormals;
///   - gives other bits the second time: it reads what is not its own, or a sum has no fixed order.
class GuardedCalls : public KernelWatch {
public:
    /// Faults go to `faults`, one sentence each; equal ones once. Only kernels that `offered` lists are used, or all of
    /// them when it is empty.
    GuardedCalls(const tg_backend& plugin, std::vector<std::string>& faults, std::set<std::string> offered = {})
        : plugin_(plugin), faults_(faults), offered_(std::move(offered)) {}

    std::size_t guard_bytes() const override { return guard_size; }
    bool offers(const KernelId& id, DType dtype) override;
    int run(const KernelId& id, tg_kernel kernel, tg_context* context, tg_call& call) override;

    /// Restores how the processor rounds and treats denormals, and tells if the last call changed it.
    void check_floating_point_mode();

    /// The kernels that ran, with their dtype: "add f32".
    const std::set<std::string>& used() const { return used_; }

private:
    static constexpr std::size_t guard_size = 4096;
    using Bytes = std::vector<std::byte>;

    // An array as it was before the kernel ran.
    struct Watched {
        std::string what;
        std::byte* data;
        Bytes before;
        bool is_input;
        bool is_output;
        bool keeps_contents;  // the kernel may leave elements as they are
    };
    std::vector<Watched> watch_arrays(const std::string& name, const tg_call& call, tg_context* context);
    void prepare(const std::vector<Watched>& arrays, std::byte pattern, tg_context* context);
    void check_guards(const Watched& array, std::byte pattern, tg_context* context);
    std::vector<Bytes> results(const std::vector<Watched>& arrays, tg_context* context);
    void compare(const std::vector<Watched>& arrays, const std::array<std::vector<Bytes>, 2>& results);
    Bytes download(const std::byte* from, std::size_t bytes, tg_context* context) const;
    void upload(std::byte* to, const Bytes& bytes, tg_context* context) const;
    void add_fault(const std::string& fault);

    const tg_backend& plugin_;
    std::vector<std::string>& faults_;
    std::set<std::string> offered_;
    std::set<std::string> used_;
    std::string call_ = "open";  // the call that is watched now, for messages
};

}  // namespace tapegrad
