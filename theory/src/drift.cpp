#include "bncollapse/theory/drift.hpp"

#include <algorithm>
#include <cmath>

#include "drift_checks.hpp"
#include "infinity.hpp"
#include "laws/reflected_law.hpp"
#include "neuron_checks.hpp"
#include "noise.hpp"
#include "require.hpp"

namespace bncollapse::theory {

void check(const SgdStep& step) {
  require_non_negative("learning_rate", step.learning_rate);
  require_non_negative("weight_decay", step.weight_decay);
  require_finite("weight_decay", step.learning_rate * step.weight_decay);
  require(step.batch >= 1, "batch", static_cast<double>(step.batch), "be 1 or more");
}

double drift_coefficient(const Law& law, double u, double slope) {
  require_number("u", u);
  require(slope >= 0 && slope <= 1, "slope", slope, "lie in [0, 1]");
  const double density = law.pdf(u);
  const double derivative = law.pdf_derivative(u);
  if (density == 0 && derivative == 0) return 0;
  const GateMoments gate = gate_moments(law, {.gamma = 1, .beta = -u, .slope = slope});
  return -0.5 * derivative * (gate.i0 + u * (2 * gate.i1 + u * gate.i2)) - density * (gate.i1 + u * gate.i2);
}

double drift_coefficient(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  require(neuron.gamma != 0, "gamma", neuron.gamma, "differ from 0");
  if (neuron.gamma > 0) return drift_coefficient(law, u, neuron.slope);
  return drift_coefficient(ReflectedLaw(LawPtr(LawPtr(), &law)), -u, neuron.slope);
}

double even_average_drift_coefficient(const Law& law, double u, double slope) {
  return 0.5 * (drift_coefficient(law, u, slope) + drift_coefficient(law, -u, slope));
}

double even_average_drift_coefficient(const Law& law, const Neuron& neuron) {
  const Neuron opposite{neuron.gamma, -(neuron.beta + neuron.alpha), 0, neuron.slope};
  return 0.5 * (drift_coefficient(law, neuron) + drift_coefficient(law, opposite));
}

double carrying_share(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(neuron);
  check(noise);
  check(step);
  const double p = activation_probability(law, neuron), batch = static_cast<double>(step.batch);
  const double square = neuron.slope * neuron.slope;
  const double once = p + square * (1 - p), twice = p + square * square * (1 - p);
  const double of_samples = twice > 0 ? std::min(1.0, batch * once / twice * once) : 0;
  if (noise.sigma == 0) return of_samples;
  const double farthest = batch / step.learning_rate * std::abs(neuron.gamma) / noise.sigma;
  const TruncatedMoments moments = truncated_moments(noise, std::isnan(farthest) ? 0 : farthest);
  return moments.fourth > 0 ? of_samples * moments.second / moments.fourth * moments.second : of_samples;
}

double expansion_parameter(const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(neuron);
  check(noise);
  check(step);
  const double size = step.learning_rate * noise.sigma / std::sqrt(static_cast<double>(step.batch));
  if (neuron.gamma == 0) return infinity;
  return size / std::abs(neuron.gamma);
}

double theorem1_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  const double epsilon = expansion_parameter(neuron, noise, step);
  const double drift = epsilon * (epsilon * drift_coefficient(law, neuron));
  require(std::isfinite(drift), "learning_rate", step.learning_rate,
          "be small enough for epsilon^2 A(u) to be a finite number");
  return drift;
}

double signal_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(noise);
  check(step);
  const double u = threshold(neuron);
  require(neuron.gamma != 0, "gamma", neuron.gamma, "differ from 0");
  const double density = law.pdf(u);
  if (density == 0 || noise.mean == 0) return 0;
  const GateMoments gate = gate_moments(law, neuron);
  return -step.learning_rate * noise.mean / std::abs(neuron.gamma) * density * (gate.s0 + u * gate.s1);
}

bool is_in_theorem1_range(double theorem1, const Quadrature& exact, double tolerance) {
  require_non_negative("range_tolerance", tolerance);
  const double deviation = std::abs(theorem1 - exact.value) + exact.error;
  const double smallest = std::abs(exact.value) - exact.error;
  return deviation <= tolerance * smallest || (deviation == 0 && smallest == 0);
}

DriftPrediction predict_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step,
                              double range_tolerance, const Pause& pause) {
  DriftPrediction prediction;
  prediction.activation_probability = activation_probability(law, neuron);
  prediction.drift_coefficient = drift_coefficient(law, neuron);
  prediction.theorem1 = theorem1_drift(law, neuron, noise, step);
  prediction.signal = signal_drift(law, neuron, noise, step);
  prediction.exact = exact_drift(law, neuron, noise, step, pause);
  prediction.epsilon = expansion_parameter(neuron, noise, step);
  prediction.in_range = is_in_theorem1_range(prediction.theorem1, prediction.exact, range_tolerance);
  return prediction;
}

}  // namespace bncollapse::theory
