#pragma once

#include <cstdint>
#include <optional>

#include "bncollapse/nets/trainer.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::study {

/// What one SGD step does to the activation probability of a channel of a network, on average over
/// mini-batches, beside what theory says (docs/THEORY.md section 2). P is that of the Gaussian formula; the
/// step moves the channel's own gamma and beta by -learning_rate times their gradient.
struct OneStep {
  std::int64_t batches = 0;
  double noise = 0;  ///< sigma with the measured variance of beta's gradient: Var = sigma^2 E[f'(z)^2]
  double drift_theorem1 = 0;  ///< the noise's part, by Theorem 1
  double drift_signal = 0;    ///< the mean gradient's part, to first order
  double drift_measured = 0;  ///< the mean change of P
  double standard_error = 0;  ///< of drift_measured - drift_signal, what Theorem 1 is compared with
};

/// Nothing where the channel gets no gradient (it is inactive), or gamma is 0.
std::optional<OneStep> one_step(const theory::Neuron& neuron, const nets::GradientSamples& gradients,
                                double learning_rate);

}  // namespace bncollapse::study
