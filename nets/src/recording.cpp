#include "recording.hpp"

#include <algorithm>

#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/neuron.hpp"
#include "evaluation.hpp"
#include "host_numbers.hpp"

namespace bncollapse::nets {
namespace {

/// What a layer's rectifier f takes, over images; a number per channel.
struct Tally {
  at::Tensor positive;  ///< positions with z > 0
  at::Tensor largest;   ///< |f(z)|
  std::int64_t positions = 0;

  void add(const at::Tensor& z, double leak) {
    const at::Tensor here = (z > 0).sum({0, 2, 3}).to(at::kDouble);
    at::Tensor magnitude = z.amax({0, 2, 3}).to(at::kDouble).clamp_min(0);
    if (leak != 0) {
      const at::Tensor below = z.amin({0, 2, 3}).to(at::kDouble).clamp_max(0);
      magnitude = at::maximum(magnitude, (leak * below).abs());
    }
    positive = positive.defined() ? positive + here : here;
    largest = largest.defined() ? at::maximum(largest, magnitude) : magnitude;
    positions += z.size(0) * z.size(2) * z.size(3);
  }
};

std::vector<double> filter_norms(const Layer& layer) {
  return host_numbers(layer.weight.detach().to(at::kDouble).flatten(1).square().sum(1).sqrt());
}

LayerRecord layer_record(const Layer& layer, const Tally& tally, const NetworkSpec& spec) {
  static const theory::LawPtr gaussian = theory::make_law({});
  const auto gamma = host_numbers(layer.gamma), beta = host_numbers(layer.beta);
  const auto norm = filter_norms(layer);
  const auto positive = host_numbers(tally.positive), largest = host_numbers(tally.largest);
  LayerRecord record{.layer = layer.name, .channels = {}};
  for (std::size_t channel = 0; channel < gamma.size(); ++channel) {
    const theory::Neuron neuron{
        .gamma = gamma[channel], .beta = beta[channel], .alpha = spec.alpha, .leak = spec.leak};
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
      tallies[layer].add(z, network.spec.leak);
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

double share_of_small_gamma(const Network& network) {
  std::vector<at::Tensor> gammas;
  for (const Layer& layer : network.layers) {
    if (layer.normalised()) {
      gammas.push_back(layer.gamma.detach());
    }
  }
  const double threshold = criterion::small_gamma.threshold;
  return gammas.empty() ? 0 : at::cat(gammas).abs().lt(threshold).to(at::kDouble).mean().item<double>();
}

}  // namespace bncollapse::nets
