// Tensors in files, in the safetensors format: 8 bytes with the length of the header (little-endian), a JSON header
// that gives each tensor's dtype, shape and place, then the tensors' bytes, row-major and little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nn/module.hpp"

namespace tapegrad {

using NamedTensor = std::pair<std::string, Tensor>;

/// What a file says about itself besides its tensors: "__metadata__" of the format.
using Metadata = std::map<std::string, std::string>;

struct SafetensorsContent {
    std::vector<NamedTensor> tensors;  ///< in the order of their bytes
    Metadata metadata;
};

/// The bytes of a file with these tensors (F32, F64 or I32). Throws DataError, which begins with `where`, when a name
/// is given twice or is not UTF-8.
std::string safetensors_bytes(const std::string& where, const std::vector<NamedTensor>& tensors,
                              const Metadata& metadata = {});

/// The content of `bytes` bytes out of a stream. The header is checked as a whole before anything is allocated: throws
/// DataError, which begins with `where`, for bytes that are truncated, a header over 100 MB or that is not what the
/// format asks for, other dtypes, and tensors whose bytes overlap, leave a hole, or are not as many as dtype and shape
/// say.
SafetensorsContent read_safetensors(const BackendPtr& backend, const std::string& where, std::istream& stream,
                                    std::uint64_t bytes);

/// Writes `safetensors_bytes` to a file durably: it holds the old content or the new, never half of it. Throws
/// DataError when the file cannot be written.
void save_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors,
                      const Metadata& metadata = {});

/// The content of a file. Throws what `read_safetensors` throws, and DataError for a file that is missing.
SafetensorsContent load_safetensors(const BackendPtr& backend, const std::filesystem::path& file);

/// Fills parameters from tensors of exactly their names; `source` begins the messages. On error all stay as they were:
/// throws DataError for a name that is missing or unknown, ShapeError and TypeError for a tensor of another shape or
/// dtype than its parameter.
void assign_parameters(const std::vector<NamedParameter>& parameters, const std::vector<NamedTensor>& tensors,
                       const std::string& source);

/// Fills a module's parameters from a file: `load_safetensors` and `assign_parameters`.
void load_parameters(const Module& module, const std::filesystem::path& file);

}  // namespace tapegrad
