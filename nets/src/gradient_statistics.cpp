#include "gradient_statistics.hpp"

#include "host_numbers.hpp"
#include "require.hpp"

namespace bncollapse::nets {
namespace {

/// `of(start, width)` of every normalised layer: where its gradients of gamma start, and how many there are.
template <class OfLayer>
auto by_layer(const Network& network, const OfLayer& of) {
  std::vector<decltype(of(std::int64_t{}, std::int64_t{}))> result;
  std::int64_t start = 0;
  for (const Layer& layer : network.layers) {
    if (layer.normalised()) {
      const std::int64_t width = layer.gamma.size(0);
      result.push_back(of(start, width));
      start += 2 * width;
    }
  }
  return result;
}

}  // namespace

GradientStatistics::GradientStatistics(TrainingState& state, std::int64_t batches) : network_(state.network) {
  require("batches", static_cast<double>(batches), batches >= 2 && batches <= state.epoch_steps(),
          "from 2 to the number of mini-batches in an epoch");
  constexpr std::uint32_t apart = 0x80000000;  // no epoch of the training has such a number
  const Training& training = state.training;
  state.train.start_epoch(training.seed, apart | static_cast<std::uint32_t>(state.epochs_done),
                          training.augmentation == Augmentation::crop_flip);
  std::vector<at::Tensor> gradients;
  for (std::int64_t position = 0; position < batches; ++position) {
    const Batch batch = state.train.of_epoch(position * training.batch, training.batch);
    const at::Tensor scores = state.network.forward(batch.images, Pass::probe, state.type);
    const at::Tensor gradient = state.parameters.gradient(at::cross_entropy_loss(scores, batch.labels));
    gradients.push_back(gradient.slice(0, state.parameters.normalisation_start()).to(at::kDouble));
  }
  gradients_ = at::stack(gradients);
}

std::vector<std::vector<GradientRecord>> GradientStatistics::moments() const {
  const at::Tensor mean = gradients_.mean(0);
  const at::Tensor centred = gradients_ - mean;
  const auto freedom = static_cast<double>(gradients_.size(0) - 1);
  return by_layer(network_, [&](std::int64_t start, std::int64_t width) {
    const at::Tensor gamma = centred.narrow(1, start, width);
    const at::Tensor beta = centred.narrow(1, start + width, width);
    const auto gamma_mean = host_numbers(mean.narrow(0, start, width));
    const auto beta_mean = host_numbers(mean.narrow(0, start + width, width));
    const auto gamma_variance = host_numbers(gamma.square().sum(0) / freedom);
    const auto beta_variance = host_numbers(beta.square().sum(0) / freedom);
    const auto covariance = host_numbers((gamma * beta).sum(0) / freedom);
    std::vector<GradientRecord> channels;
    for (std::size_t channel = 0; channel < gamma_mean.size(); ++channel) {
      channels.push_back({.gamma_mean = gamma_mean[channel],
                          .beta_mean = beta_mean[channel],
                          .gamma_variance = gamma_variance[channel],
                          .beta_variance = beta_variance[channel],
                          .covariance = covariance[channel]});
    }
    return channels;
  });
}

std::vector<std::vector<GradientSamples>> GradientStatistics::samples() const {
  return by_layer(network_, [&](std::int64_t start, std::int64_t width) {
    std::vector<GradientSamples> channels;
    for (std::int64_t channel = start; channel < start + width; ++channel) {
      channels.push_back({.gamma = host_numbers(gradients_.select(1, channel)),
                          .beta = host_numbers(gradients_.select(1, channel + width))});
    }
    return channels;
  });
}

}  // namespace bncollapse::nets
