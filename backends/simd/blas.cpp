#include "backends/simd/blas.hpp"

#include <dlfcn.h>

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "backends/simd/temporary_variable.hpp"

namespace tapegrad::simd {
namespace {

constexpr const char* library_name = "libopenblas.so.0";

/// The core that every version since 2018 has for the processor's instruction set.
const char* fitting_core() {
    switch (best_instruction_set()) {
        case InstructionSet::avx512:
            return "SkylakeX";
        case InstructionSet::avx2:
            return "Haswell";
        case InstructionSet::sse2:
            break;
    }
    return "Nehalem";
}

/// Is it a core for a processor that lacks the vector instructions this one has?
bool is_too_old(std::string_view core) {
    constexpr std::string_view before_avx2[] = {"Katmai",      "Coppermine", "Northwood", "Prescott",     "Banias",
                                                "Atom",        "Core2",      "Penryn",    "Dunnington",   "Nehalem",
                                                "Sandybridge", "Athlon",     "Opteron",   "Opteron_SSE3", "Barcelona",
                                                "Nano",        "Bobcat",     "Bulldozer", "Piledriver"};
    if (best_instruction_set() == InstructionSet::sse2) return false;
    for (const std::string_view old : before_avx2)
        if (core == old) return true;
    return false;
}

template <class T>
bool computes_right(Blas::Gemm<T> gemm) {
    constexpr std::size_t m = 19, n = 23, k = 37;
    std::vector<T> a(m * k), b(k * n), c(m * n, T(77));
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<T>(i * 7 % 13) - T(6);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<T>(i * 5 % 11) - T(5);
    gemm(Blas::row_major, Blas::as_stored, Blas::as_stored, m, n, k, T(1), a.data(), k, b.data(), n, T(0), c.data(), n);
    for (std::size_t i = 0; i < m; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            T sum = 0;  // of small integers: exact, whatever the order
            for (std::size_t p = 0; p < k; ++p) sum += a[i * k + p] * b[p * n + j];
            if (c[i * n + j] != sum) return false;
        }
    return true;
}

Blas none(const std::string& reason) {
    return {nullptr, nullptr, "no OpenBLAS (" + reason + "): products by this backend's own loops"};
}

/// "0.3.21" in "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...".
std::string version_in(std::string_view config) {
    const std::size_t begin = config.find(' ') + 1;
    return std::string(config.substr(begin, config.find(' ', begin) - begin));
}

Blas load() {
    const bool chosen_by_user = std::getenv("OPENBLAS_CORETYPE") != nullptr;
    void* library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
    const bool loaded_before = library != nullptr;
    if (!loaded_before) {
        const TemporaryVariable core("OPENBLAS_CORETYPE", fitting_core());
        const TemporaryVariable threads("OPENBLAS_NUM_THREADS", "1");
        library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    }
    if (library == nullptr) return none("libopenblas.so.0 is not installed; on Debian it is in libopenblas0-pthread");

    const auto sgemm = reinterpret_cast<Blas::Gemm<float>>(dlsym(library, "cblas_sgemm"));
    const auto dgemm = reinterpret_cast<Blas::Gemm<double>>(dlsym(library, "cblas_dgemm"));
    const auto core_name = reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_corename"));
    const auto config = reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_config"));
    const auto set_threads = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
    if (!sgemm || !dgemm || !core_name || !config || !set_threads) return none("a function is missing from it");
    set_threads(1);  // for the whole process: another user of the library computes with one thread from now on
    if (!computes_right(sgemm) || !computes_right(dgemm)) return none("its products are wrong");

    const std::string core = core_name();
    if (is_too_old(core) && !chosen_by_user)
        std::fprintf(
            stderr, "tapegrad: OpenBLAS computes with its core %s, several times slower than this processor can%s\n",
            core.c_str(),
            loaded_before ? ": another library loaded it first; set OPENBLAS_CORETYPE before the program starts"
                          : ": it was built for that core alone");
    return {sgemm, dgemm, "OpenBLAS " + version_in(config()) + ", core " + core};
}

}  // namespace

const Blas& open_blas() {
    static const Blas blas = load();  // never unloaded
    return blas;
}

}  // namespace tapegrad::simd
