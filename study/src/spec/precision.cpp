#include "bncollapse/study/precision.hpp"

#include <algorithm>
#include <cmath>

#include "bncollapse/study/point.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/optimizer_rule.hpp"

namespace bncollapse::study {
namespace {

constexpr double margin = 1000;

bool has_noise(const theory::Noise& noise) { return noise.std > 0 || noise.mean != 0; }

}  // namespace

double unit_roundoff(sim::Precision precision) {
  return precision == sim::Precision::float32 ? 0x1p-24 : 0x1p-53;
}

double rounding_of_change(const sim::Experiment& experiment, sim::Precision precision, double steps) {
  const theory::Neuron neuron = mean_initial_neuron(experiment);
  const theory::Law& law = *experiment.model.x_law;
  const double r = unit_roundoff(precision);
  const double reading = 2 * theory::activation_probability(law, neuron);
  if (neuron.gamma == 0) return r * reading;
  const double u = theory::threshold(neuron);
  return r * (reading + std::sqrt(steps) * law.pdf(u) * (std::abs(u) + std::abs(neuron.beta / neuron.gamma)));
}

sim::Precision sufficient_precision(const sim::Experiment& experiment) {
  using enum sim::Precision;
  const double r = unit_roundoff(float32);
  const theory::Neuron neuron = mean_initial_neuron(experiment);
  const theory::Optimizer& optimizer = experiment.optimizer;
  const double decay = optimizer.learning_rate * optimizer.weight_decay;
  const bool is_linear = theory::is_linear(optimizer);
  // Where decay is a part of the gradient, and the gradient does not make the step's length, decay takes no
  // share of the parameter.
  const bool takes_share = is_linear || theory::rule_constants<double>(optimizer).l2 == 0;
  if (decay > 0 && takes_share && decay < margin * r) return float64;
  if (!is_linear) return optimizer.learning_rate < margin * r * std::abs(neuron.gamma) ? float64 : float32;
  if (!has_noise(experiment.model.noise) || neuron.gamma == 0) return float32;

  const theory::SgdStep step = first_step(experiment);
  const theory::Law& law = *experiment.model.x_law;
  const double per_step = theory::theorem1_drift(law, neuron, experiment.model.noise, step) +
                          theory::signal_drift(law, neuron, experiment.model.noise, step);
  const double steps = static_cast<double>(experiment.steps);
  const double change = std::min(1.0, steps * std::abs(per_step));
  return margin * rounding_of_change(experiment, float32, steps) > change ? float64 : float32;
}

}  // namespace bncollapse::study
