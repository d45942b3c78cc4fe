#include "epoch_runner.hpp"

#include <algorithm>
#include <cmath>

#include "divergence.hpp"
#include "recording.hpp"
#include "training_device.hpp"

namespace bncollapse::nets {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

EpochRunner::EpochRunner(TrainingState& state)
    : state_(state),
      positions_(at::arange(state.epoch_steps(), at::TensorOptions(at::kLong).device(state.device))),
      position_(at::zeros({1}, positions_.options())),
      rates_(at::zeros({state.epoch_steps(), Optimizer::rate_count}, state.parameters.values().options())),
      losses_(at::zeros({state.epoch_steps()}, at::TensorOptions(at::kFloat).device(state.device))),
      right_(at::zeros({}, positions_.options())),
      step_([this] { take_step(); }, state.device) {}

EpochResult EpochRunner::run(const Listener& listener, const std::function<void()>& before_batch) {
  const Clock::time_point start = Clock::now();
  const std::vector<double> learning_rates = start_epoch();
  const std::int64_t steps = state_.epoch_steps();
  std::int64_t checked = 0;
  for (std::int64_t done = 1; done <= steps; ++done) {
    if (before_batch) {
      before_batch();
    }
    record_step(listener);
    step_();
    const bool tell = listener.progress && seconds_since(told_) >= 1;
    if (state_.device.is_cpu() || tell || done == steps) {
      check_losses(checked, done);
      checked = done;
    }
    state_.optimizer.set_steps_taken(state_.optimizer.steps_taken() + 1);
    ++state_.steps_done;
    if (tell) {
      told_ = Clock::now();
      tell_progress(listener, done, seconds_since(start));
    }
  }
  const at::Tensor losses = losses_.cpu();
  EpochResult result{.round = state_.round(),
                     .epoch = state_.epoch_of_round(),
                     .step = state_.steps_done,
                     .loss = losses.to(at::kDouble).mean().item<double>(),
                     .accuracy = right_.item<double>() / static_cast<double>(steps * state_.training.batch),
                     .learning_rate = learning_rates.back(),
                     .seconds = seconds_since(start),
                     .losses = {losses.data_ptr<float>(), losses.data_ptr<float>() + losses.numel()}};
  ++state_.epochs_done;
  state_.round_ended = state_.epochs_done % state_.training.epochs == 0;
  if (state_.steps_done == state_.total_steps()) {
    record_step(listener);
  }
  return result;
}

/// Orders the images and sets the epoch's tensors. Gives the steps' learning rates.
std::vector<double> EpochRunner::start_epoch() {
  const Training& training = state_.training;
  state_.train.start_epoch(training.seed, static_cast<std::uint32_t>(state_.epochs_done),
                           training.augmentation == Augmentation::crop_flip);
  std::vector<double> learning_rates;
  std::vector<at::Tensor> rates;
  for (std::int64_t position = 0; position < state_.epoch_steps(); ++position) {
    learning_rates.push_back(
        learning_rate(training.schedule, state_.steps_done + position, state_.round_steps()));
    rates.push_back(
        state_.optimizer.rates(learning_rates.back(), state_.optimizer.steps_taken() + position + 1));
  }
  rates_.copy_(at::stack(rates));
  position_.zero_();
  losses_.zero_();
  right_.zero_();
  return learning_rates;
}

void EpochRunner::take_step() {
  const std::int64_t batch_size = state_.training.batch;
  const Batch batch = state_.train.of_epoch(position_ * batch_size, batch_size);
  const at::Tensor scores = state_.network.forward(batch.images, Pass::train, state_.type);
  const at::Tensor loss = at::cross_entropy_loss(scores, batch.labels);
  const at::Tensor gradient = state_.parameters.gradient(loss);
  losses_.copy_(at::where(positions_.eq(position_), loss.detach(), losses_));
  right_.add_(scores.detach().argmax(1).eq(batch.labels).sum());
  at::Tensor& values = state_.parameters.values();
  const at::Tensor before = values.clone();
  state_.optimizer.step(values, gradient, rates_.index_select(0, position_).squeeze(0));
  // Where the loss is not finite the values stay, and show in which layer that began.
  values.copy_(at::where(loss.detach().isfinite(), values, before));
  position_.add_(1);
}

/// The losses of the epoch's steps from .. to - 1. Waits for the device.
void EpochRunner::check_losses(std::int64_t from, std::int64_t to) const {
  const at::Tensor losses = losses_.slice(0, from, to).cpu();
  const float* const loss = losses.data_ptr<float>();
  for (std::int64_t index = 0; index < losses.numel(); ++index) {
    if (!std::isfinite(loss[index])) {
      throw_diverged(state_, from + index, loss[index]);
    }
  }
}

void EpochRunner::record_step(const Listener& listener) const {
  const Recording& recording = state_.training.recording;
  if (listener.step &&
      std::binary_search(recording.steps.begin(), recording.steps.end(), state_.steps_done)) {
    listener.step({.step = state_.steps_done,
                   .records = record_channels(state_.network, state_.train, recording.images, state_.type)});
  }
}

/// After so many steps and seconds of the epoch.
void EpochRunner::tell_progress(const Listener& listener, std::int64_t steps, double seconds) const {
  const double rate = static_cast<double>(steps) / seconds;
  listener.progress({.round = state_.round(),
                     .epoch = state_.epoch_of_round(),
                     .step = state_.steps_done,
                     .total_steps = state_.total_steps(),
                     .loss = losses_.narrow(0, 0, steps).mean().item<double>(),
                     .accuracy = right_.item<double>() / static_cast<double>(steps * state_.training.batch),
                     .small_gamma_share = share_of_small_gamma(state_.network),
                     .steps_per_second = rate,
                     .seconds_left = static_cast<double>(state_.total_steps() - state_.steps_done) / rate,
                     .device_memory = state_.device.is_cpu() ? 0 : used_device_memory()});
}

}  // namespace bncollapse::nets
