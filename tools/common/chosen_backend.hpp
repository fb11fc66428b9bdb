// The backend that a person names in a config or on the command line.
#pragma once

#include <string>

#include "autograd/backend.hpp"

namespace tapegrad {

/// Opens a backend by name, by the path of its file, or the best for "auto". Throws ConfigError with the nearest known
/// name for one that no plugin has, and BackendError for a plugin that is there and refuses. Says once, as information,
/// when "auto" passes over a plugin whose device is there and cannot be used.
BackendPtr open_chosen_backend(const std::string& name, int threads);

}  // namespace tapegrad
