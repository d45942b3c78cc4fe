#include "recording.hpp"

#include <algorithm>

#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::nets {
namespace {

/// Over images, of what one layer's rectifier f sees; a number a channel.
struct Tally {
  at::Tensor positive;  ///< positions with z > 0
  at::Tensor largest;   ///< |f(z)|
  std::int64_t positions = 0;

  void add(const at::Tensor& z, double slope) {
    const at::Tensor here = (z > 0).sum({0, 2, 3}).to(at::kDouble);
    at::Tensor magnitude = z.amax({0, 2, 3}).to(at::kDouble).clamp_min(0);
    if (slope != 0) {
      const at::Tensor below = z.amin({0, 2, 3}).to(at::kDouble).clamp_max(0);
      magnitude = at::maximum(magnitude, (slope * below).abs());
    }
    positive = positive.defined() ? positive + here : here;
    largest = largest.defined() ? at::maximum(largest, magnitude) : magnitude;
    positions += z.size(0) * z.size(2) * z.size(3);
  }
};

std::vector<double> numbers(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  return {plain.data_ptr<double>(), plain.data_ptr<double>() + plain.numel()};
}

std::vector<double> filter_norms(const Layer& layer) {
  return numbers(layer.weight.detach().to(at::kDouble).flatten(1).square().sum(1).sqrt());
}

LayerRecord layer_record(const Layer& layer, const Tally& tally, const NetworkSpec& spec) {
  static const theory::LawPtr gaussian = theory::make_law({});
  const auto gamma = numbers(layer.gamma), beta = numbers(layer.beta);
  const auto norm = filter_norms(layer);
  const auto positive = numbers(tally.positive), largest = numbers(tally.largest);
  LayerRecord record{.layer = layer.name, .channels = {}};
  for (std::size_t channel = 0; channel < gamma.size(); ++channel) {
    const theory::Neuron neuron{
        .gamma = gamma[channel], .beta = beta[channel], .alpha = spec.alpha, .slope = spec.slope};
    record.channels.push_back(
        {.gamma = gamma[channel],
         .beta = beta[channel],
         .filter_norm = norm[channel],
         .activation_probability = positive[channel] / static_cast<double>(tally.positions),
         .gaussian_probability = theory::activation_probability(*gaussian, neuron),
         .maximum = largest[channel]});
  }
  return record;
}

}  // namespace

std::vector<LayerRecord> record_channels(const Network& network, const ImageBatches& data,
                                         std::int64_t images, at::ScalarType type) {
  const at::NoGradGuard no_gradients;
  std::vector<Tally> tallies(network.layers.size());
  const Observer observer = [&](std::size_t layer, const at::Tensor& z) {
    if (network.layers[layer].normalised()) {
      tallies[layer].add(z, network.spec.slope);
    }
  };
  for (std::int64_t first = 0; first < images; first += evaluation_batch) {
    const Batch batch = data.in_order(first, std::min(evaluation_batch, images - first));
    network.forward(batch.images, Pass::evaluate, type, observer);
  }
  std::vector<LayerRecord> result;
  for (std::size_t layer = 0; layer < tallies.size(); ++layer) {
    if (network.layers[layer].normalised()) {
      result.push_back(layer_record(network.layers[layer], tallies[layer], network.spec));
    }
  }
  return result;
}

std::vector<FilterNorms> norms_of_filters(const Network& network) {
  std::vector<FilterNorms> result;
  for (const Layer& layer : network.layers) {
    if (layer.weight.dim() == 4) {
      result.push_back({layer.name, filter_norms(layer)});
    }
  }
  return result;
}

std::vector<std::vector<GradientRecord>> gradient_records(const Network& network,
                                                          const at::Tensor& gradients) {
  const at::Tensor mean = gradients.mean(0);
  const at::Tensor centred = gradients - mean;
  const auto freedom = static_cast<double>(gradients.size(0) - 1);
  std::vector<std::vector<GradientRecord>> result;
  std::int64_t start = 0;
  for (const Layer& layer : network.layers) {
    if (!layer.normalised()) {
      continue;
    }
    const std::int64_t width = layer.gamma.size(0);
    const at::Tensor gamma = centred.narrow(1, start, width);
    const at::Tensor beta = centred.narrow(1, start + width, width);
    const auto gamma_mean = numbers(mean.narrow(0, start, width));
    const auto beta_mean = numbers(mean.narrow(0, start + width, width));
    const auto gamma_variance = numbers(gamma.square().sum(0) / freedom);
    const auto beta_variance = numbers(beta.square().sum(0) / freedom);
    const auto covariance = numbers((gamma * beta).sum(0) / freedom);
    std::vector<GradientRecord>& channels = result.emplace_back();
    for (std::size_t channel = 0; channel < gamma_mean.size(); ++channel) {
      channels.push_back({.gamma_mean = gamma_mean[channel],
                          .beta_mean = beta_mean[channel],
                          .gamma_variance = gamma_variance[channel],
                          .beta_variance = beta_variance[channel],
                          .covariance = covariance[channel]});
    }
    start += 2 * width;
  }
  return result;
}

std::vector<std::vector<GradientSamples>> samples_of_gradients(const Network& network,
                                                               const at::Tensor& gradients) {
  std::vector<std::vector<GradientSamples>> result;
  std::int64_t start = 0;
  for (const Layer& layer : network.layers) {
    if (!layer.normalised()) {
      continue;
    }
    const std::int64_t width = layer.gamma.size(0);
    std::vector<GradientSamples>& channels = result.emplace_back();
    for (std::int64_t channel = 0; channel < width; ++channel) {
      channels.push_back({.gamma = numbers(gradients.select(1, start + channel)),
                          .beta = numbers(gradients.select(1, start + width + channel))});
    }
    start += 2 * width;
  }
  return result;
}

}  // namespace bncollapse::nets
