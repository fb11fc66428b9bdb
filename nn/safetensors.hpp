// Tensors in files, in the safetensors format: 8 bytes with the length of the header (little-endian), a JSON header
// that gives each tensor's dtype, shape and place, then the tensors' bytes, row-major and little-endian.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "nn/module.hpp"

namespace tapegrad {

using NamedTensor = std::pair<std::string, Tensor>;

/// Writes the tensors (F32, F64 or I32) to a file, which holds the old content or the new, never half of it. Throws
/// DataError when a name is given twice or the file cannot be written.
void save_safetensors(const std::filesystem::path& file, const std::vector<NamedTensor>& tensors);

/// All tensors of a file, in the order of their bytes. The header is checked as a whole before anything is allocated:
/// throws DataError for a file that is missing or truncated, a header over 100 MB or that is not what the format asks
/// for, other dtypes, and tensors whose bytes overlap, leave a hole, or are not as many as dtype and shape say.
std::vector<NamedTensor> load_safetensors(const BackendPtr& backend, const std::filesystem::path& file);

/// Fills a module's parameters from a file that holds exactly them. On error the module stays as it was: throws what
/// load_safetensors throws, DataError for a name that is missing or unknown, ShapeError and TypeError for a tensor of
/// another shape or dtype than its parameter.
void load_parameters(const Module& module, const std::filesystem::path& file);

}  // namespace tapegrad
