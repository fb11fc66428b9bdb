#include "nn/extension.hpp"

#include <dlfcn.h>

#include <exception>
#include <mutex>
#include <set>
#include <system_error>

#include "autograd/errors.hpp"

namespace tapegrad {

void load_extension(const std::filesystem::path& file) {
    static std::mutex mutex;
    static std::set<void*> loaded;
    const std::lock_guard lock(mutex);
    const std::string where = "extension " + file.string();
    std::error_code error;
    if (!std::filesystem::exists(file, error))
        throw BackendError(where, "a library", error ? error.message() : "no file of that name", "check the path");
    // An absolute path, because dlopen looks for a bare name elsewhere.
    void* library = dlopen(std::filesystem::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr)
        throw BackendError(where, "a library that loads", dlerror(),
                           "build it as a shared library that links libtapegrad");
    if (loaded.contains(library)) return;
    const auto extend = reinterpret_cast<ExtensionEntryPoint>(dlsym(library, extension_entry_point));
    if (extend == nullptr) {
        dlclose(library);
        throw BackendError(where, std::string("the function ") + extension_entry_point, "a library without it",
                           "export it: extern \"C\" void tapegrad_extend(tapegrad::Registries&)");
    }
    Registries registries{&register_op, &register_layer, &register_kernel};
    try {
        extend(registries);
    } catch (const std::exception&) {
        throw;
    } catch (...) {
        throw BackendError(where, "an extension that registers",
                           "one that throws what is no exception of the standard library",
                           "throw an error of autograd/errors.hpp");
    }
    loaded.insert(library);
}

}  // namespace tapegrad
