#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bncollapse/nets/architecture.hpp"
#include "bncollapse/nets/network_spec.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// A convolution (or, at the end, a linear layer) with its normalisation, without its rectifier.
struct Layer {
  std::string name;
  at::Tensor weight;          ///< outputs x inputs x 3 x 3; linear: outputs x inputs
  at::Tensor bias;            ///< where there is no normalisation
  at::Tensor gamma, beta;     ///< where there is
  at::Tensor mean, variance;  ///< running statistics, batch normalisation only
  at::Tensor
      outputs;  ///< of a pruned layer before a sum: the residual's channels that it adds to; undefined: all
  at::Tensor
      constant;  ///< of a pruned layer before a sum: the output of its removed filters, a number per channel

  bool normalised() const { return gamma.defined(); }
};

/// Which statistics normalise.
enum class Pass {
  train,     ///< the batch's; the running ones move towards them by a tenth
  probe,     ///< the batch's; the running ones stay
  evaluate,  ///< the running ones
};

/// Called with z, a layer's output (normalised, if it is) before its rectifier and, in a residual block,
/// before the sum. z is overwritten afterwards.
using Observer = std::function<void(std::size_t layer, const at::Tensor& z)>;

struct Parameter {
  std::string name;
  at::Tensor* value;
  bool normalisation;  ///< gamma or beta
};

struct Network {
  NetworkSpec spec;
  std::vector<Layer> layers;
  std::vector<LayerShape> shapes;  ///< one per layer
  std::vector<Operation> operations;

  /// Class scores of images (count x 3 x 32 x 32), computed in `type`; the scores are float32, or float64
  /// where `type` is.
  at::Tensor forward(const at::Tensor& images, Pass pass, at::ScalarType type,
                     const Observer& observer = {}) const;

  /// Trained tensors, gamma and beta last.
  std::vector<Parameter> parameters();
  /// Running statistics.
  std::vector<Parameter> buffers();
};

/// A network with initial weights: convolutions normal with variance 2/fan-in (He et al., ICCV 2015), linear
/// layers uniform within 1/sqrt(fan-in), biases 0; each number a pure function of (seed, parameter,
/// position). Throws theory::InvalidArgument.
Network make_network(const NetworkSpec& spec, std::uint64_t seed, at::ScalarType type = at::kFloat);

}  // namespace bncollapse::nets
