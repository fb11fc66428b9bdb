// Ops, layers and kernels out of a library that is loaded at run time.
#pragma once

#include <filesystem>

#include "autograd/op.hpp"
#include "nn/layer_registry.hpp"

namespace tapegrad {

/// What an extension library registers with. An extension is a shared library that links libtapegrad and exports
///
///     extern "C" void tapegrad_extend(tapegrad::Registries& registries);
struct Registries {
    const OpDef& (*register_op)(OpDef op);
    void (*register_layer)(LayerType type);
    void (*register_kernel)(const std::string& backend, std::string_view kernel, DType dtype, tg_kernel function);
};

/// The type of the function that an extension exports, and its name.
extern "C" using ExtensionEntryPoint = void(*)(Registries & registries);
inline constexpr const char* extension_entry_point = "tapegrad_extend";

/// Loads an extension and lets it register. It stays loaded for good; loading it again does nothing. Throws
/// BackendError when the file is missing, is not a library, or lacks the entry point, and whatever the extension's
/// registrations throw.
void load_extension(const std::filesystem::path& file);

}  // namespace tapegrad
