// A backend plugin driven straight through the C header, with none of the engine between.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "backends/backend_abi.h"

namespace tapegrad::tests {

using Shape = std::vector<std::int64_t>;

inline std::size_t element_count(const Shape& shape) {
    std::size_t count = 1;
    for (const std::int64_t dim : shape) count *= static_cast<std::size_t>(dim);
    return count;
}

template <class T>
constexpr tg_dtype dtype_of = std::is_same_v<T, float>    ? TG_F32
                              : std::is_same_v<T, double> ? TG_F64
                                                          : TG_I32;

/// An array in a backend's memory.
struct DeviceArray {
    Shape shape;
    tg_dtype dtype;
    std::shared_ptr<void> memory;

    /// Valid as long as this array stays where it is.
    tg_array view() const {
        return {memory.get(), shape.data(), static_cast<std::int64_t>(element_count(shape)),
                static_cast<std::int32_t>(shape.size()), dtype};
    }
};

/// One context of the plugin in a file.
class OpenedBackend {
public:
    /// Throws std::runtime_error when the file is no plugin or does not open.
    explicit OpenedBackend(const std::string& file) : table_(load(file)) {
        tg_context* context = nullptr;
        if (table_->open(1, &context) != TG_OK) throw std::runtime_error(table_->last_error(nullptr));
        context_ = {context, table_->close};
    }

    const tg_backend& table() const { return *table_; }
    tg_context* context() const { return context_.get(); }
    std::string last_error() const { return table_->last_error(context()); }

    template <class T>
    DeviceArray upload(Shape shape, const std::vector<T>& values) const {
        if (values.size() != element_count(shape)) throw std::runtime_error("as many values as the shape has elements");
        const std::size_t bytes = values.size() * sizeof(T);
        std::shared_ptr<void> memory(table_->alloc(context(), bytes + 1),
                                     [context = context_, free = table_->free](void* p) { free(context.get(), p); });
        check(table_->upload(context(), memory.get(), values.data(), bytes));
        return {std::move(shape), dtype_of<T>, memory};
    }

    template <class T>
    std::vector<T> download(const DeviceArray& array) const {
        std::vector<T> values(element_count(array.shape));
        check(table_->download(context(), values.data(), array.memory.get(), values.size() * sizeof(T)));
        return values;
    }

    /// Calls the kernel of `name` for the dtype of y; returns what it returned.
    int call(const std::string& name, const std::vector<DeviceArray>& inputs, const DeviceArray& y,
             const std::vector<std::int64_t>& integers = {}, const std::vector<double>& reals = {}) const {
        const tg_kernel kernel = table_->kernel(name.c_str(), y.dtype);
        if (kernel == nullptr) throw std::runtime_error("the backend has no kernel " + name);
        std::vector<tg_array> input_views;
        for (const DeviceArray& input : inputs) input_views.push_back(input.view());
        const tg_array output = y.view();
        tg_call call{};
        call.inputs = input_views.data();
        call.outputs = &output;
        call.integers = integers.data();
        call.reals = reals.data();
        call.input_count = static_cast<std::int32_t>(inputs.size());
        call.output_count = 1;
        call.integer_count = static_cast<std::int32_t>(integers.size());
        call.real_count = static_cast<std::int32_t>(reals.size());
        return kernel(context(), &call);
    }

    /// The output of a kernel that has to succeed; every element of it was 77 before.
    template <class T>
    std::vector<T> compute(const std::string& name, const std::vector<DeviceArray>& inputs, const Shape& y_shape,
                           const std::vector<std::int64_t>& integers = {},
                           const std::vector<double>& reals = {}) const {
        const DeviceArray y = upload(y_shape, std::vector<T>(element_count(y_shape), T(77)));
        check(call(name, inputs, y, integers, reals));
        return download<T>(y);
    }

private:
    static const tg_backend* load(const std::string& file) {
        void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);  // stays loaded, as in the engine
        if (library == nullptr) throw std::runtime_error(dlerror());
        const auto entry_point = reinterpret_cast<tg_entry_point>(dlsym(library, TG_ENTRY_POINT));
        if (entry_point == nullptr) throw std::runtime_error(file + " is no plugin");
        return entry_point();
    }

    void check(int status) const {
        if (status != TG_OK) throw std::runtime_error(last_error());
    }

    const tg_backend* table_;
    std::shared_ptr<tg_context> context_;
};

}  // namespace tapegrad::tests
