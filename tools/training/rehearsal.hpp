// How much memory training takes, before it takes it.
#pragma once

#include <cstddef>
#include <limits>

#include <nlohmann/json.hpp>

#include "autograd/backend.hpp"
#include "datasets/dataset.hpp"

namespace tapegrad {

/// The most bytes that tensors take at a time when `config` is trained on `dataset` with the kernels of `backend`, as
/// `Backend::peak_bytes` counts them; without the scratch memory of kernels. All is built and some epochs are made as
/// in training, on a backend whose kernels do nothing and whose memory is addresses alone. Throws as building and
/// training do; MemoryLimitError when tensors would take more than `limit` bytes.
std::size_t rehearsed_peak(const nlohmann::json& config, const Dataset& dataset, const Backend& backend,
                           std::size_t limit = std::numeric_limits<std::size_t>::max());

/// Throws BackendError, with the peak unless that is far beyond, when it is above `budget` bytes.
void check_memory(const nlohmann::json& config, const Dataset& dataset, const Backend& backend, std::size_t budget);

}  // namespace tapegrad
