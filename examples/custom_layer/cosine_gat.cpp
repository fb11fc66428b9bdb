// A layer type "cosine_gat", as a library that the `extensions` of a config name.
#include <nlohmann/json.hpp>

#include "autograd/ops/arithmetic.hpp"
#include "autograd/ops/functions.hpp"
#include "autograd/ops/reduce.hpp"
#include "autograd/ops/segment.hpp"
#include "autograd/ops/shape_ops.hpp"
#include "nn/extension.hpp"
#include "nn/init.hpp"
#include "nn/layers/dropout.hpp"
#include "nn/layers/linear.hpp"

using namespace tapegrad;

namespace {

struct CosineOptions {
    std::int64_t out_features;  ///< F, of each head
    std::int64_t heads;         ///< H
    double dropout;             ///< on the input
    double attention_dropout;   ///< on the coefficients alpha
};

/// Graph attention by angle, for every head, with an edge j -> i for each neighbour j in N_i:
///
///     z_i      = W h_i
///     e_ij     = beta cos(z_i, z_j)
///     alpha_ij = exp(e_ij) / sum_{k in N_i} exp(e_ik)
///     h'_i     = sum_{j in N_i} alpha_ij z_j
///
/// The scores are those of Thekumparampil et al., "Attention-based Graph Neural Network for Semi-supervised Learning",
/// 2018, equation 6, in the place of the scores of "gat". h is dense or sparse [N, in_features], the result [N, H * F].
/// Parameters: weight [in_features, H * F], beta [H], bias [H * F].
class CosineGAT : public Module {
public:
    CosineGAT(const LayerInputs& inputs, const CosineOptions& options) : options_(options) {
        const std::int64_t width = options.heads * options.out_features;
        const Fans fans{inputs.in_features, options.out_features};
        weight_ = add_parameter("weight", glorot_uniform({inputs.in_features, width}, fans, inputs));
        beta_ = add_parameter("beta", full(inputs.backend, {options.heads}, 1, inputs.dtype));
        bias_ = add_parameter("bias", zeros({width}, inputs));
    }

    Value forward(const Value& x, const ForwardContext& context) override {
        const Graph& graph = graph_of("cosine_gat", context);
        const Tensor projected = product(apply_dropout("cosine_gat", x, options_.dropout, context), weight_);
        const Tensor z = reshape(projected, {graph.nodes, options_.heads, options_.out_features});
        const Tensor direction = z / sqrt(sum(z * z, {2}, true) + smallest_square);

        const Tensor z_i = gather(direction, graph.targets), z_j = gather(direction, graph.sources);  // [E, H, F]
        const Tensor e = beta_ * sum(z_i * z_j, {2});                                                 // [E, H]
        const Tensor alpha =
            apply_dropout("cosine_gat", scatter_softmax(e, graph.targets), options_.attention_dropout, context);
        const Tensor weights = reshape(alpha, {graph.edges(), options_.heads, 1});
        const Tensor h = scatter_sum(weights * gather(z, graph.sources), graph.targets);  // [N, H, F]
        return add_bias(reshape(h, projected.shape()), bias_);
    }

private:
    // A node of zeros has no direction; its cosines are 0.
    static constexpr double smallest_square = 1e-24;

    CosineOptions options_;
    Tensor weight_, beta_, bias_;
};

}  // namespace

extern "C" void tapegrad_extend(Registries& registries) {
    const std::string properties =
        R"({"out_features": )" + out_features_schema("width of one head") +
        R"(, "heads": {"type": "integer", "minimum": 1, "default": 1, "description": "attention heads, side by side"})" +
        R"(, "dropout": )" + dropout_schema("probability that an input is dropped") + R"(, "attention_dropout": )" +
        dropout_schema("probability that an attention coefficient is dropped") + "}";
    const auto build = [](const nlohmann::json& settings, const LayerInputs& inputs) -> BuiltLayer {
        const CosineOptions options{settings.at("out_features"), settings.at("heads"), settings.at("dropout"),
                                    settings.at("attention_dropout")};
        return {std::make_shared<CosineGAT>(inputs, options), options.heads * options.out_features};
    };
    registries.register_layer({"cosine_gat", properties, build});
}
