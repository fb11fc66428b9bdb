// The first bytes of a shared library: which machine it was built for.
#pragma once

#include <filesystem>
#include <string>

namespace tapegrad {

/// The machine a library was built for, for example "x86-64", or "aarch64"; "" when the file cannot be read or is no
/// ELF file. Field numbers and machines: System V ABI, chapter 4, "ELF header".
std::string machine_of(const std::filesystem::path& file);

}  // namespace tapegrad
