#pragma once

#include <cstdint>
#include <vector>

#include "bncollapse/nets/trainer.hpp"
#include "training_state.hpp"

namespace bncollapse::nets {

/// Loss gradients of gamma and beta over mini-batches of an order of their own, with the parameters as they
/// are.
class GradientStatistics {
 public:
  /// Throws theory::InvalidArgument naming "batches", which must be from 2 to those of an epoch.
  GradientStatistics(TrainingState& state, std::int64_t batches);

  /// By normalised layer and channel.
  std::vector<std::vector<GradientRecord>> moments() const;
  std::vector<std::vector<GradientSamples>> samples() const;

 private:
  const Network& network_;
  at::Tensor gradients_;  ///< mini-batches x values: gamma, then beta, of every normalised layer in turn
};

}  // namespace bncollapse::nets
