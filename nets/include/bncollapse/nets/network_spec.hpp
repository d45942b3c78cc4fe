#pragma once

#include <cstdint>

namespace bncollapse::nets {

/// Families of networks for images of 32 x 32 pixels. Convolutions are 3 x 3, padded by 1, each followed by
/// its normalisation and rectifier; one linear layer gives the class scores. w is the width.
///
///   resnet    He et al. (CVPR 2016, section 4.2): depth 6n + 2, three stages of n blocks, widths w, 2w, 4w,
///             identity shortcuts with zero padding, global mean; published with w = 16 and depths 20 to 110
///   vgg       Simonyan and Zisserman's depths 11 and 16: stages of w, 2w, 4w, 8w, 8w, a 2 x 2 max-pool
///             after each, and one linear layer, as is usual on CIFAR-10; w = 64
///   basicnet  seven convolutions of w, 2w, 2w, 4w, 4w, 8w, 8w, max-pools after the third, fifth and seventh,
///             one hidden layer of 16w; w = 64
///   plain     a small relative of VGG: `depth` convolutions, the first half w wide, the rest 2w, max-pools
///             after the first and after the first half, global mean
enum class Architecture { resnet, vgg, basicnet, plain };

enum class Normalisation { none, batch, instance };

/// What a network is made of. Widths count channels; all else is dimensionless.
struct NetworkSpec {
  Architecture architecture = Architecture::resnet;
  std::int64_t depth = 20;  ///< resnet 6n + 2, vgg 11 or 16, basicnet 7, plain 2 or more
  std::int64_t width = 16;  ///< w
  Normalisation normalisation = Normalisation::batch;
  double gamma = 1;  ///< initial scale of every normalised channel
  double beta = 0;   ///< initial shift
  double alpha = 0;  ///< constant post-shift of psBN; 0 is plain BN
  double leak = 0;   ///< the rectifier's slope for z <= 0: 0 ReLU, between 0 and 1 Leaky ReLU, 1 linear
};

}  // namespace bncollapse::nets
