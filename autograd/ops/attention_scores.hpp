// What each end of an edge adds to the edge's attention score.
#pragma once

#include "autograd/tensor.hpp"

namespace tapegrad {

/// The two halves of a^T [z_i || z_j] (Velickovic et al., ICLR 2018, equation 3), for every node and head.
struct EndScores {
    Tensor source;  ///< [N, H]: a_source . z
    Tensor target;  ///< [N, H]: a_target . z
};

/// z [N, H, F], a_source and a_target [H, F].
EndScores attention_scores(const Tensor& z, const Tensor& a_source, const Tensor& a_target);

}  // namespace tapegrad
