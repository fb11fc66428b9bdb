// All that graph_attention needs of each node, in one pass over z.
#pragma once

#include "autograd/ops/attention.hpp"
#include "autograd/ops/attention_scores.hpp"

namespace tapegrad {

/// Dropout of two kinds, as in the official implementation of Velickovic et al., ICLR 2018; a probability of 0 draws
/// nothing.
struct AttentionDropout {
    double features = 0, coefficients = 0;
    Tensor key = {};
    std::int64_t feature_site = 0, coefficient_site = 0;
};

struct AttentionInputs {
    EndScores scores;
    Tensor kept_z;  ///< [N, H, F]: z after dropout of its features
    KeptCoefficients kept;
};

/// z [N, H, F], a_source and a_target [H, F], with `edges` edges to come. Throws ShapeError for a probability outside
/// 0 .. 1.
AttentionInputs attention_inputs(const Tensor& z, const Tensor& a_source, const Tensor& a_target, std::int64_t edges,
                                 const AttentionDropout& dropout);

}  // namespace tapegrad
