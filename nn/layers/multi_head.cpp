#include "nn/layers/multi_head.hpp"

#include <nlohmann/json.hpp>

#include "autograd/ops/join.hpp"
#include "autograd/ops/reduce.hpp"

namespace tapegrad {

MultiHead::MultiHead(const LayerInputs& inputs, const GatOptions& options) : merge_(options.merge) {
    GatOptions one_head = options;
    one_head.heads = 1;
    for (std::int64_t head = 0; head < options.heads; ++head)
        add_part(std::to_string(head), std::make_shared<GATConv>(inputs, one_head));
}

Value MultiHead::forward(const Value& x, const ForwardContext& context) {
    std::vector<Tensor> outputs;
    for (const auto& [name, head] : parts()) outputs.push_back(std::get<Tensor>(head->forward(x, context)));
    return merge_ == HeadMerge::cat ? cat(outputs, 1) : mean(stack(outputs), {0});
}

Tensor MultiHead::attention(const Value& x, const ForwardContext& context) {
    std::vector<Tensor> coefficients;  // [E, 1] each
    for (const auto& [name, head] : parts())
        coefficients.push_back(std::static_pointer_cast<GATConv>(head)->attention(x, context));
    return cat(coefficients, 1);
}

std::vector<LayerType> multi_head_layers() {
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        const GatOptions options = gat_options(settings);
        return {std::make_shared<MultiHead>(inputs, options), options.merged_features()};
    };
    return {{"multi_head", gat_layers()[0].properties, build,
             "gat with a layer of its own for each head, which draws its own dropout and has its own bias"}};
}

}  // namespace tapegrad
