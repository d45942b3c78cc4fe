#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/nets/training.hpp"
#include "flat_parameters.hpp"
#include "image_batches.hpp"
#include "network.hpp"
#include "optimizer.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// A training between two steps: its images, its network and optimizer on their device, and how far it is.
struct TrainingState {
  /// Throws theory::InvalidArgument naming a member of the spec that does not suit the data or this
  /// machine.
  TrainingState(const Training& spec, const TrainAndTest& data);

  std::int64_t epoch_steps() const { return train.size() / training.batch; }
  std::int64_t round_steps() const { return epoch_steps() * training.epochs; }
  std::int64_t total_epochs() const { return training.rounds * training.epochs; }
  std::int64_t total_steps() const { return epoch_steps() * total_epochs(); }
  /// Of the epoch that is next or under way, from 1.
  std::int64_t round() const { return epochs_done / training.epochs + 1; }
  std::int64_t epoch_of_round() const { return epochs_done % training.epochs + 1; }

  Training training;
  std::string identity;  ///< JSON; what a checkpoint belongs to
  at::Device device;
  at::ScalarType type;  ///< of activations and convolutions
  PixelStatistics statistics;
  ImageBatches train, test;
  Network network;
  FlatParameters parameters;
  Optimizer optimizer;
  std::int64_t epochs_done = 0;  ///< over all rounds
  std::int64_t steps_done = 0;
  bool round_ended = false;           ///< the last epoch ended a round, which is not evaluated yet
  std::vector<at::Tensor> snapshots;  ///< class probabilities of the test images after each round
};

}  // namespace bncollapse::nets
