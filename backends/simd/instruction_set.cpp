#include "backends/simd/instruction_set.hpp"

#include <cstdlib>

namespace tapegrad::simd {

std::string to_string(InstructionSet set) {
    switch (set) {
        case InstructionSet::sse2:
            return "sse2";
        case InstructionSet::avx2:
            return "avx2";
        case InstructionSet::avx512:
            return "avx512";
    }
    return "";
}

InstructionSet best_instruction_set() {
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                        __builtin_cpu_supports("avx512vl");
    return avx512 ? InstructionSet::avx512 : avx2 ? InstructionSet::avx2 : InstructionSet::sse2;
}

InstructionSetChoice choose_instruction_set() {
    const InstructionSet best = best_instruction_set();
    const char* const wanted = std::getenv("TAPEGRAD_SIMD");
    if (wanted == nullptr || *wanted == '\0') return {best};
    for (const InstructionSet set : {InstructionSet::sse2, InstructionSet::avx2, InstructionSet::avx512}) {
        if (to_string(set) != wanted) continue;
        if (set <= best) return {set};
        return {best, "TAPEGRAD_SIMD asks for " + to_string(set) + ", but this processor's best is " + to_string(best)};
    }
    return {best, "TAPEGRAD_SIMD is \"" + std::string(wanted) + "\"; it has to be sse2, avx2 or avx512, or not set"};
}

}  // namespace tapegrad::simd
