#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "bncollapse/nets/trainer.hpp"
#include "captured_step.hpp"
#include "training_state.hpp"

namespace bncollapse::nets {

/// Takes a training's steps, an epoch at a time. A step is made of tensor operations on the device alone, so
/// that it can be captured; the numbers that it needs and gives lie in tensors with one entry per step.
class EpochRunner {
 public:
  explicit EpochRunner(TrainingState& state);

  /// The next epoch. Calls `before_batch`, unless it is empty, before every step. Throws TrainingError where
  /// the loss is not finite.
  EpochResult run(const Listener& listener, const std::function<void()>& before_batch);

 private:
  using Clock = std::chrono::steady_clock;

  std::vector<double> start_epoch();
  void take_step();
  void check_losses(std::int64_t from, std::int64_t to) const;
  void record_step(const Listener& listener) const;
  void tell_progress(const Listener& listener, std::int64_t steps, double seconds) const;

  TrainingState& state_;
  at::Tensor positions_;  ///< 0 .. epoch_steps() - 1
  at::Tensor position_;   ///< of the next step in the epoch; one number
  at::Tensor rates_;      ///< of the optimizer, a row per step
  at::Tensor losses_;     ///< a number per step
  at::Tensor right_;      ///< images classified right so far
  CapturedStep step_;
  Clock::time_point told_ = Clock::now();  ///< of progress
};

}  // namespace bncollapse::nets
