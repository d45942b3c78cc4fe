#pragma once

#include <vector>

#include "bncollapse/nets/collapse.hpp"
#include "image_batches.hpp"
#include "network.hpp"

namespace bncollapse::nets {

/// The normalised channels over the first `images` images.
std::vector<LayerRecord> record_channels(const Network& network, const ImageBatches& data,
                                         std::int64_t images, at::ScalarType type);

/// Of every convolution.
std::vector<FilterNorms> norms_of_filters(const Network& network);

/// The share of the normalised channels that criterion::small_gamma marks; 0 where there are none.
double share_of_small_gamma(const Network& network);

}  // namespace bncollapse::nets
