// What the figures were taken on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "autograd/backend.hpp"

namespace tapegrad {

/// The processor's name as the system gives it, "unknown processor" if it does not.
std::string processor_model();

/// The cores that this process may use.
int core_count();

/// The most memory that this process has held so far, in bytes (VmHWM); 0 where the system does not say.
std::int64_t peak_memory();

/// What new programs can get, in bytes: MemAvailable, or what a control group leaves of it, which may be 0. Nothing
/// where the system does not say. `root` is the folder that holds proc/ and sys/.
std::optional<std::int64_t> available_memory(const std::filesystem::path& root = "/");

/// Prints the line that every report begins with: version, processor, cores, threads, and what computes. A second one
/// warns when other programs keep the machine busy.
void print_machine(const Backend& backend);

/// The same as a JSON object, with the system's load average.
nlohmann::json machine_json(const Backend& backend);

/// "12.3 MiB" or "4.56 GiB".
std::string bytes_text(std::int64_t bytes);

}  // namespace tapegrad
