#pragma once

#include <vector>

#include "network.hpp"

namespace bncollapse::nets {

/// A network's trained tensors as views of one vector, so that an optimizer's step is a few operations.
/// Convolution weights lie in channels-last order.
class FlatParameters {
 public:
  /// Moves the network's parameters into the vector, on `device`; they become leaves that require gradients.
  FlatParameters(Network& network, at::Device device);

  at::Tensor& values() { return values_; }
  const at::Tensor& values() const { return values_; }
  /// The number of values before the first gamma.
  std::int64_t normalisation_start() const { return normalisation_start_; }
  /// The gradient of a scalar with respect to the parameters, in the vector's order.
  at::Tensor gradient(const at::Tensor& scalar) const;

 private:
  at::Tensor values_;
  std::vector<at::Tensor> leaves_;
  std::int64_t normalisation_start_ = 0;
};

}  // namespace bncollapse::nets
