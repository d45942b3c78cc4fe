#pragma once

#include <cstdint>

#include "image_batches.hpp"
#include "network.hpp"

namespace bncollapse::nets {

/// Images evaluated at a time.
inline constexpr std::int64_t evaluation_batch = 500;

struct Evaluation {
  at::Tensor probabilities;  ///< images x classes, on the CPU
  double accuracy = 0;       ///< from 0 to 1
  double loss = 0;           ///< mean cross-entropy
};

/// Of all images, with running statistics.
Evaluation evaluate(const Network& network, const ImageBatches& data, at::ScalarType type);

/// The share of images whose most probable class is their label. Monotone functions of the probabilities do
/// as well.
double accuracy_of(const at::Tensor& probabilities, const at::Tensor& labels);

/// The best of three evaluations of one batch, after a first one that warms up.
double images_per_second(const Network& network, const ImageBatches& data, at::ScalarType type);

}  // namespace bncollapse::nets
