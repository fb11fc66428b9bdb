// Graph attention: equations 2 to 4 of Velickovic et al., "Graph Attention Networks", ICLR 2018, as one op.
#pragma once

#include "autograd/grouping.hpp"
#include "autograd/random.hpp"

namespace tapegrad {

/// For every edge j -> i and head h, with N_i the sources of the edges into i:
///   e_ij     = leaky_relu(source_score[j, h] + target_score[i, h], negative_slope)
///   alpha_ij = exp(e_ij) / sum_{k in N_i} exp(e_ik), then dropout with a mask drawn at `site` if its probability is
///              above 0
///   out_i    = sum_{j in N_i} alpha_ij z_j
/// z [S, H, F], source_score [S, H], target_score [T, H], `sources` and `targets` group the E edges by their ends ->
/// [T, H, F]. A node without incoming edges gets zeros.
Tensor graph_attention(const Tensor& z, const Tensor& source_score, const Tensor& target_score, const Grouping& sources,
                       const Grouping& targets, double negative_slope, double dropout_probability,
                       const RandomSite& site);

}  // namespace tapegrad
