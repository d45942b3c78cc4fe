#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bncollapse/nets/network_spec.hpp"
#include "bncollapse/nets/optimizer.hpp"
#include "bncollapse/nets/schedule.hpp"

namespace bncollapse::nets {

/// Of activations and convolutions; parameters, statistics and loss are float32 always.
///   float32   on every device: TF32 is off
///   tf32      float32 whose convolutions and matrix products round their factors
///             to 10 bits of fraction: on CUDA devices of compute capability 8 or
///             later
///   bfloat16  7 bits of fraction
enum class Precision { float32, tf32, bfloat16 };

/// cuda: deterministic algorithms, and the step captured in a CUDA graph where that works.
enum class Device { cpu, cuda };

/// Of training images.
///   crop_flip  random crops after padding by 4, and flips
enum class Augmentation { crop_flip, none };

/// What is written down beside accuracy and loss.
struct Recording {
  /// Channels are recorded after so many steps (0: before the first), rising.
  std::vector<std::int64_t> steps = {};
  std::int64_t images = 512;          ///< at these steps: over the first so many training images
  std::int64_t gradient_batches = 0;  ///< at each round's end: mini-batches for the moments of the gradients
};

/// One training: rounds of cosine annealing or another schedule, each starting from the weights and the
/// optimizer's state of the last. The loss is the mean cross-entropy. An epoch's last, incomplete mini-batch
/// is left out.
struct Training {
  NetworkSpec network = {};
  OptimizerSpec optimizer = {};
  Schedule schedule = {};
  std::int64_t rounds = 5;
  std::int64_t epochs = 40;  ///< in a round
  std::int64_t batch = 128;  ///< images
  Augmentation augmentation = Augmentation::crop_flip;
  std::uint64_t seed = 1;  ///< weights, order, augmentation
  Precision precision = Precision::float32;
  Device device = Device::cpu;
  int threads = 1;  ///< of the CPU; one gives the same bits on every run
  Recording recording = {};
};

/// Throws theory::InvalidArgument with the path of the field at fault (fields.hpp).
void validate(const Training& training);

/// Throws theory::InvalidArgument where the training's precision is none of its kind of device.
void validate_device(const Training& training);

}  // namespace bncollapse::nets
