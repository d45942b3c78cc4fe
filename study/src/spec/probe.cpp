#include "bncollapse/study/probe.hpp"

#include <cmath>

#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/law.hpp"

namespace bncollapse::study {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};

Moments moments_of(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  Moments result;
  for (const double value : values) result.mean += value / n;
  for (const double value : values)
    result.variance += (value - result.mean) * (value - result.mean) / (n - 1);
  return result;
}

}  // namespace

std::optional<OneStep> one_step(const theory::Neuron& neuron, const nets::GradientSamples& gradients,
                                double learning_rate) {
  static const theory::LawPtr gaussian = theory::make_law({});
  const Moments beta = moments_of(gradients.beta), gamma = moments_of(gradients.gamma);
  if (neuron.gamma == 0 || beta.variance == 0) return {};
  const double probability = theory::activation_probability(*gaussian, neuron);
  const theory::Gradient gradient_of_p = theory::activation_probability_gradient(*gaussian, neuron);
  const double square = theory::rectifier_moments(*gaussian, neuron).i0;
  if (square == 0) return {};
  std::vector<double> beyond_first_order;
  OneStep result{
      .batches = static_cast<std::int64_t>(gradients.beta.size()),
      .noise = std::sqrt(beta.variance / square),
      .drift_signal = -learning_rate * (gradient_of_p.gamma * gamma.mean + gradient_of_p.beta * beta.mean)};
  for (std::size_t i = 0; i < gradients.beta.size(); ++i) {
    theory::Neuron moved = neuron;
    moved.gamma -= learning_rate * gradients.gamma[i];
    moved.beta -= learning_rate * gradients.beta[i];
    const double first_order =
        -learning_rate * (gradient_of_p.gamma * gradients.gamma[i] + gradient_of_p.beta * gradients.beta[i]);
    beyond_first_order.push_back(theory::activation_probability(*gaussian, moved) - probability -
                                 first_order);
  }
  const Moments beyond = moments_of(beyond_first_order);
  result.drift_measured = result.drift_signal + beyond.mean;
  result.standard_error = std::sqrt(beyond.variance / static_cast<double>(result.batches));
  result.drift_theorem1 =
      theory::theorem1_drift(*gaussian, neuron, {.std = result.noise}, {.learning_rate = learning_rate});
  return result;
}

}  // namespace bncollapse::study
