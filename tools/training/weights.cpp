#include "tools/training/weights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "autograd/errors.hpp"
#include "datasets/checksums.hpp"
#include "datasets/files.hpp"
#include "nn/pyg_names.hpp"
#include "nn/safetensors.hpp"
#include "tools/common/log.hpp"

namespace tapegrad {
namespace {

const std::map<std::string, WeightNames> names_by_word{{"tapegrad", WeightNames::tapegrad}, {"pyg", WeightNames::pyg}};

void tell(const std::filesystem::path& file, const std::vector<PygMatch>& matches) {
    std::vector<std::string> parts;
    for (const auto& [layer, module] : matches) parts.push_back(fmt::format("'{}' is {}", module, layer));
    log(LogLevel::info, fmt::format("{}: {}", file.string(), fmt::join(parts, ", ")));
}

// The likely reason why no name is known deserves better advice than a list of names.
void check_some_name_is_known(const std::vector<NamedParameter>& parameters, const std::vector<NamedTensor>& tensors,
                              const std::filesystem::path& file) {
    const auto is_parameter = [&](const NamedTensor& tensor) {
        return std::ranges::find(parameters, tensor.first, &NamedParameter::first) != parameters.end();
    };
    if (parameters.empty() || tensors.empty() || std::ranges::any_of(tensors, is_parameter)) return;
    throw DataError(file.string(), fmt::format("names such as '{}'", parameters.front().first),
                    fmt::format("such as '{}'", tensors.front().first),
                    "Weights that PyG saved are read with --names pyg");
}

}  // namespace

void add_names_option(CLI::App& app, WeightNames& names, const std::string& description) {
    app.add_option("--names", names, description)
        ->type_name("tapegrad|pyg")
        ->transform(CLI::CheckedTransformer(names_by_word).description(""));
}

std::string digest_of_weights(const std::filesystem::path& file, WeightNames names) {
    return (names == WeightNames::pyg ? "pyg " : "") + sha256(read_file(file));
}

void load_weights(const Module& model, const nlohmann::json& layers, const std::filesystem::path& file,
                  WeightNames names) {
    const std::vector<NamedParameter> parameters = model.parameters();
    if (parameters.empty()) return;
    std::vector<NamedTensor> tensors = load_safetensors(parameters.front().second.backend(), file).tensors;
    if (names == WeightNames::pyg) {
        PygWeights weights = from_pyg(layers, parameters, tensors, file.string());
        tell(file, weights.matches);
        tensors = std::move(weights.tensors);
    } else {
        check_some_name_is_known(parameters, tensors, file);
    }
    assign_parameters(parameters, tensors, file.string());
}

}  // namespace tapegrad
