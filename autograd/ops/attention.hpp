// Graph attention: equations 2 to 4 of Velickovic et al., "Graph Attention Networks", ICLR 2018, as one op.
#pragma once

#include "autograd/grouping.hpp"
#include "autograd/random.hpp"

namespace tapegrad {

/// Which coefficients [E, H] dropout keeps: one bit each, i32 [ceil(E * H / 32)]; undefined if it keeps all.
struct KeptCoefficients {
    Tensor mask;
    double scale = 1;  ///< of those that are kept
};
/// Draws `count` bits; none for a probability of 0. Throws ShapeError for one outside 0 .. 1.
KeptCoefficients draw_kept_coefficients(const RandomSite& site, std::int64_t count, double dropout_probability);

/// For every edge j -> i and head h, with N_i the sources of the edges into i:
///   e_ij     = leaky_relu(source_score[j, h] + target_score[i, h], negative_slope)
///   alpha_ij = exp(e_ij) / sum_{k in N_i} exp(e_ik), then dropout
///   out_i    = bias + sum_{j in N_i} alpha_ij z_j
/// z [S, H, F], source_score [S, H], target_score [T, H], bias [H, F] or undefined for none, `sources` and `targets`
/// group the E edges by their ends -> [T, H, F]. A node without incoming edges gets the bias.
Tensor graph_attention(const Tensor& z, const Tensor& source_score, const Tensor& target_score, const Tensor& bias,
                       const Grouping& sources, const Grouping& targets, double negative_slope,
                       const KeptCoefficients& kept = {});

}  // namespace tapegrad
