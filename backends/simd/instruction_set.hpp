// Which of the three compilations of the kernels runs.
#pragma once

#include <string>

namespace tapegrad::simd {

enum class InstructionSet { sse2, avx2, avx512 };

/// "sse2", "avx2" or "avx512": the value of TAPEGRAD_SIMD, and the end of the kernel library's file name.
std::string to_string(InstructionSet set);

/// The widest set that this processor has.
InstructionSet best_instruction_set();

/// A choice, or a sentence that says why there is none.
struct InstructionSetChoice {
    InstructionSet set = InstructionSet::sse2;
    std::string refusal = {};
};

/// What TAPEGRAD_SIMD asks for, the best if it is not set; refused if it names no set or one that the processor lacks.
InstructionSetChoice choose_instruction_set();

}  // namespace tapegrad::simd
