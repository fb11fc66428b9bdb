#include "tools/conformance/guarded_calls.hpp"

#include <algorithm>
#include <cfenv>
#include <cstring>
#include <span>

#include <fmt/format.h>

#include "autograd/errors.hpp"

namespace tapegrad {
namespace {

// As floats, a NaN and a huge number; as integers, -1 and a large one.
constexpr std::array patterns = {std::byte{0xFF}, std::byte{0x5A}};

std::size_t bytes_of(const tg_array& array) {
    return static_cast<std::size_t>(array.size) * size_of(static_cast<DType>(array.dtype));
}

std::string text_of(const tg_array& array) {
    return to_string(static_cast<DType>(array.dtype)) + " " +
           to_string(Shape(std::span(array.shape, static_cast<std::size_t>(array.rank))));
}

std::string text_of(const std::string& name, const tg_call& call) {
    std::string text = "kernel " + name + "(";
    for (std::int32_t i = 0; i < call.input_count; ++i) text += (i == 0 ? "" : ", ") + text_of(call.inputs[i]);
    text += ")";
    for (std::int32_t i = 0; i < call.output_count; ++i) text += (i == 0 ? " -> " : ", ") + text_of(call.outputs[i]);
    return text;
}

bool has_pattern(std::span<const std::byte> bytes, std::byte pattern) {
    return std::ranges::all_of(bytes, [&](std::byte b) { return b == pattern; });
}

}  // namespace

bool GuardedCalls::offers(const KernelId& id, DType) { return offered_.empty() || offered_.contains(id.name()); }

void GuardedCalls::add_fault(const std::string& fault) {
    const std::string text = call_ + " " + fault;
    if (std::ranges::find(faults_, text) == faults_.end()) faults_.push_back(text);
}

GuardedCalls::Bytes GuardedCalls::download(const std::byte* from, std::size_t bytes, tg_context* context) const {
    Bytes copy(bytes);
    if (bytes != 0 && plugin_.download(context, copy.data(), from, bytes) != TG_OK)
        throw BackendError("download", "success", words_of(plugin_.last_error(context)), "look at it");
    return copy;
}

void GuardedCalls::upload(std::byte* to, const Bytes& bytes, tg_context* context) const {
    if (!bytes.empty() && plugin_.upload(context, to, bytes.data(), bytes.size()) != TG_OK)
        throw BackendError("upload", "success", words_of(plugin_.last_error(context)), "look at it");
}

std::vector<GuardedCalls::Watched> GuardedCalls::watch_arrays(const std::string& name, const tg_call& call,
                                                              tg_context* context) {
    std::vector<Watched> arrays;
    const auto add = [&](const tg_array& array, const std::string& what, bool is_output) {
        std::byte* const data = static_cast<std::byte*>(array.data);
        if (data == nullptr) return;  // an array without elements may have no memory
        const auto known = std::ranges::find(arrays, data, &Watched::data);
        if (known != arrays.end()) {  // the output is one of the inputs
            known->is_output = known->is_output || is_output;
            known->keeps_contents = true;
            return;
        }
        arrays.push_back({what, data, download(data, bytes_of(array), context), !is_output, is_output,
                          is_output && name == "strided_copy"});
    };
    for (std::int32_t i = 0; i < call.input_count; ++i) add(call.inputs[i], fmt::format("input {}", i), false);
    for (std::int32_t i = 0; i < call.output_count; ++i) add(call.outputs[i], fmt::format("output {}", i), true);
    return arrays;
}

void GuardedCalls::prepare(const std::vector<Watched>& arrays, std::byte pattern, tg_context* context) {
    const Bytes guard(guard_size, pattern);
    for (const Watched& array : arrays) {
        upload(array.data - guard_size, guard, context);
        upload(array.data + array.before.size(), guard, context);
        const bool is_new = !array.is_input && !array.keeps_contents;
        upload(array.data, is_new ? Bytes(array.before.size(), pattern) : array.before, context);
    }
}

void GuardedCalls::check_guards(const Watched& array, std::byte pattern, tg_context* context) {
    const std::size_t size = array.before.size();
    // By memcmp, for these are most of the bytes that are looked at.
    const Bytes guard(guard_size, pattern);
    const auto is_whole = [&](const std::byte* from) {
        return std::memcmp(download(from, guard_size, context).data(), guard.data(), guard_size) == 0;
    };
    if (!is_whole(array.data - guard_size)) add_fault("writes before the beginning of " + array.what);
    if (!is_whole(array.data + size)) add_fault("writes behind the end of " + array.what);
    if (!array.is_output && array.is_input && download(array.data, size, context) != array.before)
        add_fault("changes " + array.what);
}

std::vector<GuardedCalls::Bytes> GuardedCalls::results(const std::vector<Watched>& arrays, tg_context* context) {
    std::vector<Bytes> all;
    for (const Watched& array : arrays)
        all.push_back(array.is_output ? download(array.data, array.before.size(), context) : Bytes());
    return all;
}

void GuardedCalls::compare(const std::vector<Watched>& arrays, const std::array<std::vector<Bytes>, 2>& results) {
    for (std::size_t k = 0; k < arrays.size(); ++k) {
        const Bytes &first = results[0][k], &second = results[1][k];
        if (first == second) continue;
        // A multiple of four bytes, whatever the dtype; an element that was written is the same both times.
        constexpr std::size_t word = 4;
        bool unwritten = false;
        std::size_t at = 0;
        for (std::size_t i = first.size(); i >= word; i -= word) {
            const auto a = std::span(first).subspan(i - word, word), b = std::span(second).subspan(i - word, word);
            if (std::ranges::equal(a, b)) continue;
            unwritten = has_pattern(a, patterns[0]) && has_pattern(b, patterns[1]);
            at = i - word;
        }
        add_fault(unwritten ? fmt::format("does not write {}, at byte {} of {}", arrays[k].what, at, first.size())
                            : fmt::format("gives other bits when it is called again, at byte {} of {} of {}: it reads "
                                          "memory that is not its input, or adds in an order that changes",
                                          at, first.size(), arrays[k].what));
    }
}

void GuardedCalls::check_floating_point_mode() {
    volatile float smallest = 1e-45f;
    volatile double smallest_double = 5e-324;
    if (std::fegetround() == FE_TONEAREST && smallest * 1.0f != 0 && smallest_double * 1.0 != 0) return;
    std::fesetenv(FE_DFL_ENV);
    add_fault("leaves denormals that count as zero, or another rounding, to its caller");
}

int GuardedCalls::run(const KernelId& id, tg_kernel kernel, tg_context* context, tg_call& call) {
    const std::string& name = id.name();
    const DType dtype = static_cast<DType>(call.output_count > 0 ? call.outputs[0].dtype : TG_F32);
    used_.insert(name + " " + to_string(dtype));
    call_ = text_of(name, call);
    std::vector<Watched> arrays = watch_arrays(name, call, context);
    if (call.workspace != nullptr)
        arrays.push_back({"its workspace", static_cast<std::byte*>(call.workspace), Bytes(call.workspace_size), false,
                          false, false});
    std::array<std::vector<Bytes>, 2> made;
    for (std::size_t round = 0; round < patterns.size(); ++round) {
        prepare(arrays, patterns[round], context);
        const int status = kernel(context, &call);
        check_floating_point_mode();
        if (status != TG_OK) return status;
        if (plugin_.sync(context) != TG_OK) return TG_FAILED;
        for (const Watched& array : arrays) check_guards(array, patterns[round], context);
        made[round] = results(arrays, context);
    }
    compare(arrays, made);
    return TG_OK;
}

}  // namespace tapegrad
