// How good predictions are, class by class, and whether their probabilities can be believed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tapegrad {

/// Measures of one class; none where they would be 0 / 0.
struct ClassScore {
    std::int64_t support;             ///< nodes of the class
    std::optional<double> precision;  ///< of the nodes predicted as the class, the fraction that are
    std::optional<double> recall;     ///< of the nodes of the class, the fraction predicted as it
    std::optional<double> f1;         ///< the harmonic mean of both
};

/// The nodes whose largest probability lies in (from, to].
struct CalibrationBin {
    double from, to;
    std::int64_t count;
    double confidence;  ///< the mean of their largest probability; 0 in an empty bin
    double accuracy;    ///< the fraction of them that is right; 0 in an empty bin
};

struct Evaluation {
    std::vector<std::vector<std::int64_t>> confusion;  ///< [C][C]: rows are true classes, columns predicted ones
    std::vector<ClassScore> classes;                   ///< [C]
    double accuracy;
    double loss;                       ///< mean cross entropy
    std::vector<CalibrationBin> bins;  ///< 15 of equal width
    /// The mean over the nodes of |confidence - accuracy| of their bin: Guo et al., "On Calibration of Modern Neural
    /// Networks", ICML 2017, equation 3.
    double expected_calibration_error;
};

/// Judges `logits` [N, C] on some nodes, of which there has to be one; `labels` [N] are classes below C at these nodes.
Evaluation evaluate_nodes(std::span<const float> logits, std::int64_t classes, std::span<const std::int32_t> labels,
                          std::span<const std::int32_t> nodes);

}  // namespace tapegrad
