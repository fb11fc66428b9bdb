// The graph attention layer of Velickovic et al., "Graph Attention Networks", ICLR 2018.
#pragma once

#include "nn/layer_registry.hpp"
#include "nn/layers/attention_layer.hpp"

namespace tapegrad {

/// How the outputs of the heads become one: side by side (equation 5 of the paper) or their mean (equation 6).
enum class HeadMerge { cat, mean };

/// Two ways to compute the same scores: from the pair [z_i || z_j] of each edge, as the paper writes it, or from one
/// number for each end of the edge, which needs no array of pairs.
enum class AttentionScores { concat, split };

struct GatOptions {
    std::int64_t out_features = 1;  ///< F, of each head
    std::int64_t heads = 1;         ///< H
    HeadMerge merge = HeadMerge::cat;
    AttentionScores scores = AttentionScores::split;
    double negative_slope = 0.2;   ///< of the leaky_relu of the scores
    double dropout = 0;            ///< probability, on the input
    double attention_dropout = 0;  ///< probability, on the coefficients alpha
    double feature_dropout = 0;    ///< probability, on z where it is summed; the scores see all of z
    bool bias = true;

    /// The width of a node after the heads were merged.
    std::int64_t merged_features() const { return merge == HeadMerge::cat ? heads * out_features : out_features; }
};

/// For every head, with an edge j -> i for each neighbour j in N_i, and a = [a_target || a_source]:
///
///     (1)  z_i      = W h_i
///     (2)  e_ij     = leaky_relu(a^T [z_i || z_j]) = leaky_relu(a_target . z_i + a_source . z_j)
///     (3)  alpha_ij = exp(e_ij) / sum_{k in N_i} exp(e_ik)
///     (4)  h'_i     = sum_{j in N_i} alpha_ij z_j
///
/// In the paper (2) and (3) together are equation 3, and (4) is equation 4. Its nonlinearity after the sum is a layer
/// of its own. h is dense or sparse [N, in_features]; the result is [N, H * F] for merge `cat`, [N, F] for `mean`; then
/// comes the bias. A node without incoming edges gets the bias alone. A double edge counts twice. Parameters: weight
/// [in_features, H * F], attention_source and attention_target [H, F], bias. Dropout stands where the authors' code has
/// it.
class GATConv : public Module, public AttentionLayer {
public:
    GATConv(const LayerInputs& inputs, const GatOptions& options);
    Value forward(const Value& x, const ForwardContext& context) override;
    Tensor attention(const Value& x, const ForwardContext& context) override;

private:
    Tensor concat_scores(const Tensor& z, const Graph& graph) const;
    Tensor split_scores(const Tensor& z, const Graph& graph) const;
    Tensor attend_by_concat(const Tensor& z, const Graph& graph, const ForwardContext& context);
    Tensor attend_by_split(const Tensor& z, const Tensor& bias, const Graph& graph, const ForwardContext& context);

    GatOptions options_;
    Tensor weight_;
    Tensor attention_source_;
    Tensor attention_target_;
    Tensor bias_;
};

/// The options in the settings of a "gat" layer.
GatOptions gat_options(const nlohmann::json& settings);

std::vector<LayerType> gat_layers();

}  // namespace tapegrad
