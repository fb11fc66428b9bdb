#include "backends/elf_header.hpp"

#include <elf.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace tapegrad {

namespace {

std::string machine_name(unsigned machine) {
    switch (machine) {
        case EM_386:
            return "x86";
        case EM_X86_64:
            return "x86-64";
        case EM_ARM:
            return "arm";
        case EM_AARCH64:
            return "aarch64";
        case EM_RISCV:
            return "riscv";
        case EM_PPC64:
            return "ppc64";
        case EM_S390:
            return "s390";
        default:
            return fmt::format("ELF machine {}", machine);
    }
}

}  // namespace

std::string machine_of(const std::filesystem::path& file) {
    // Up to e_machine, the header is the same for 32 and for 64 bits.
    std::array<unsigned char, offsetof(Elf64_Ehdr, e_machine) + 2> header{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(reinterpret_cast<char*>(header.data()), header.size());
    if (!stream || std::memcmp(header.data(), ELFMAG, SELFMAG) != 0) return "";

    const bool is_big_endian = header[EI_DATA] == ELFDATA2MSB;
    const unsigned first = header[offsetof(Elf64_Ehdr, e_machine)],
                   second = header[offsetof(Elf64_Ehdr, e_machine) + 1];
    const std::string name = machine_name(is_big_endian ? first << 8 | second : second << 8 | first);
    return name + (header[EI_CLASS] == ELFCLASS32 ? ", 32 bits" : "") + (is_big_endian ? ", big-endian" : "");
}

}  // namespace tapegrad
