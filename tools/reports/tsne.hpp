// t-SNE: van der Maaten and Hinton, "Visualizing Data using t-SNE", Journal of Machine Learning Research 9, 2008.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tools/reports/principal_components.hpp"

namespace tapegrad {

struct TsneOptions {
    double perplexity = 30;  ///< the effective number of neighbours of a row; at most (N - 1) / 3 is used
    int iterations = 750;
};

/// Rows in the plane.
struct TsneMap {
    std::vector<float> x, y;  ///< [N]
    double divergence;        ///< the Kullback-Leibler divergence that is left, in nats: the lower the truer
};

/// A map of `values` [N, D] in which near rows stay near. The gradient is the exact one (equation 5 there), which takes
/// N^2 operations an iteration and N^2 numbers of memory. It begins with the principal components of the values instead
/// of random places, so that equal values give the same map. The first 250 iterations have momentum 0.5 and early
/// exaggeration 12, later ones momentum 0.8; the learning rate is N / 48 but at least 50: the N / 12 of Belkina et al.
/// (Nature Communications 10, 2019), whose gradient lacks the factor 4 of equation 5, with the gains of Jacobs (1988)
/// as in the authors' code.
TsneMap tsne_map(std::span<const float> values, std::int64_t width, const PrincipalComponents& components,
                 const TsneOptions& options = {});

}  // namespace tapegrad
