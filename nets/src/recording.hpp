#pragma once

#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "bncollapse/nets/trainer.hpp"
#include "image_batches.hpp"
#include "network.hpp"

namespace bncollapse::nets {

/// Images evaluated at a time.
inline constexpr std::int64_t evaluation_batch = 500;

/// The normalised channels over the first `images` images.
std::vector<LayerRecord> record_channels(const Network& network, const ImageBatches& data,
                                         std::int64_t images, at::ScalarType type);

/// Of every convolution.
std::vector<FilterNorms> norms_of_filters(const Network& network);

/// `gradients`: mini-batches x values, gamma then beta of every normalised layer in turn.
std::vector<std::vector<GradientRecord>> gradient_records(const Network& network,
                                                          const at::Tensor& gradients);

/// The same numbers by layer and channel.
std::vector<std::vector<GradientSamples>> samples_of_gradients(const Network& network,
                                                               const at::Tensor& gradients);

}  // namespace bncollapse::nets
