// Weights out of a file into a model, under the names of this project or of PyG.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "nn/module.hpp"

namespace CLI {
class App;
}

namespace tapegrad {

/// Whose names and layout the tensors of a file have: "0.weight" of this project, or "conv1.lin.weight" of PyG
/// (nn/pyg_names.hpp).
enum class WeightNames { tapegrad, pyg };

/// Adds --names tapegrad|pyg.
void add_names_option(CLI::App& app, WeightNames& names, const std::string& description);

/// Tells whether two runs began with the same weights: the SHA-256 of the file, with a word for names that are not
/// this project's. Throws DataError when it cannot be read.
std::string digest_of_weights(const std::filesystem::path& file, WeightNames names);

/// Fills a model, built from `layers` ("model" of a complete config), from a file. With PyG's names a line on stderr
/// tells which module went to which layer. On error the model stays as it was; throws what `load_safetensors`,
/// `assign_parameters` and `from_pyg` throw.
void load_weights(const Module& model, const nlohmann::json& layers, const std::filesystem::path& file,
                  WeightNames names);

}  // namespace tapegrad
