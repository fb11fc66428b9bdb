// Weights: the reader, and what is done with tensors under the names of PyG.
#include "nn/safetensors.hpp"

#include <cstring>
#include <sstream>

#include "nn/pyg_names.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tools/configs/config.hpp"
#include "tools/training/model.hpp"

using namespace tapegrad;
using namespace tapegrad::testing;

namespace {

SafetensorsContent read(const std::string& bytes) {
    std::istringstream stream(bytes);
    return read_safetensors(reference_backend(), "weights", stream, bytes.size());
}

struct SmallModel {
    nlohmann::json layers = nlohmann::json::parse(R"([{"type": "gat", "out_features": 2, "heads": 2}, {"type": "elu"},
        {"type": "gcn", "out_features": 3}, {"type": "linear", "out_features": "classes"}])");
    std::vector<NamedParameter> parameters;
    SmallModel() {
        nlohmann::json config{{"dataset", {{"name", "none"}}}, {"model", layers}};
        complete_config(config, "weights");
        layers = config["model"];
        parameters = build_model(layers, {4, 2}, reference_backend(), 0)->parameters();
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    SafetensorsContent content;
    if (!accepts([&] { content = read(bytes); })) return 0;
    const std::string again = safetensors_bytes("weights", content.tensors, content.metadata);
    const SafetensorsContent same = read(again);
    if (same.metadata != content.metadata) finding("the metadata changed");
    if (safetensors_bytes("weights", same.tensors, same.metadata) != again) finding("the tensors changed");

    static const SmallModel model;
    accepts([&] { assign_parameters(model.parameters, content.tensors, "weights"); });
    accepts([&] {
        const PygWeights weights = from_pyg(model.layers, model.parameters, content.tensors, "weights");
        assign_parameters(model.parameters, weights.tensors, "weights");
    });
    return 0;
}
