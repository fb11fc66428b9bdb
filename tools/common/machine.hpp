// The machine that a program runs on, and what the program has of its memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tapegrad {

/// The processor's name as the system gives it, "unknown processor" if it does not.
std::string processor_model();

/// The cores that this process may use.
int core_count();

/// The most memory that this process has held so far, in bytes (VmHWM); 0 where the system does not say.
std::int64_t peak_memory();
/// What it holds now (VmRSS); 0 where the system does not say.
std::int64_t resident_memory();

/// What new programs can get, in bytes: MemAvailable, or what a control group leaves of it, which may be 0. Nothing
/// where the system does not say. `root` is the folder that holds proc/ and sys/.
std::optional<std::int64_t> available_memory(const std::filesystem::path& root = "/");

/// "1.5 KiB", "12.3 MiB" or "4.56 GiB".
std::string bytes_text(std::int64_t bytes);

}  // namespace tapegrad
