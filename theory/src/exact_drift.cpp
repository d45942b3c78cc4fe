#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "characteristic_drift.hpp"
#include "drift_checks.hpp"
#include "fresh_sample.hpp"
#include "noise.hpp"
#include "quadrature.hpp"
#include "single_sample_drift.hpp"

namespace bncollapse::theory {

namespace {

/// P and 1 - P, each from its own tail.
struct BothSides {
  double active;
  double inactive;
};

BothSides both_sides(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  return neuron.gamma >= 0 ? BothSides{law.survival(u), law.cdf(u)} : BothSides{law.cdf(u), law.survival(u)};
}

/// P after the decay of (gamma, beta) alone, minus P. While gamma keeps its sign the threshold moves by
/// -alpha/gamma (1/k - 1), which is formed without a difference.
Quadrature decay_drift(const Law& law, const Neuron& neuron, double lost) {
  if (lost == 0 || (neuron.alpha == 0 && lost < 1)) return {};
  const double keep = 1 - lost;
  const double before = threshold(neuron);
  const double moved = -neuron.alpha / neuron.gamma * (lost / keep);
  if (keep > 0 && std::abs(moved) < 1) {
    std::vector<double> points{std::min(moved, 0.0), std::max(moved, 0.0)};
    for (const double point : law.breakpoints()) {
      if (points.front() < point - before && point - before < points.back())
        points.insert(points.end() - 1, point - before);
    }
    const Integral part = integrate([&](double y) { return law.pdf(before + y); }, points, 1e-13, 400);
    const double sign = (moved > 0) == (neuron.gamma > 0) ? -1 : 1;
    return {sign * part.value, part.error + 1e-14 * part.magnitude + std::numeric_limits<double>::min()};
  }
  Neuron decayed = neuron;
  decayed.gamma *= keep;
  decayed.beta *= keep;
  const BothSides from = both_sides(law, neuron);
  const BothSides to = both_sides(law, decayed);
  const bool by_active = from.active <= from.inactive;
  const double difference = by_active ? to.active - from.active : from.inactive - to.inactive;
  return {difference, 1e-14 * (by_active ? to.active + from.active : to.inactive + from.inactive)};
}

/// The drift lies in [-P, 1 - P], and the gradients move P only where a sample has one: the error is never
/// larger than these bounds leave open, and a value outside them is brought back.
Quadrature bounded(const Quadrature& drift, double active, double inactive, double samples_with_gradient) {
  const double lower = -std::min(active, samples_with_gradient);
  const double upper = std::min(inactive, samples_with_gradient);
  if (!std::isfinite(drift.value)) return {0, std::max(-lower, upper)};
  const double value = std::clamp(drift.value, lower, upper);
  const double open = std::max(value - lower, upper - value);
  return {value, std::isfinite(drift.error) ? std::min(drift.error, open) : open};
}

}  // namespace

Quadrature exact_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step,
                       const Pause& pause) {
  check(neuron, noise, step);
  const double lost = step.learning_rate * step.weight_decay;
  const Quadrature decay = decay_drift(law, neuron, lost);
  if (step.learning_rate == 0 || (noise.std == 0 && noise.mean == 0)) return decay;

  const double keep = 1 - lost;
  const FreshSample fresh{.scale = keep * neuron.gamma,
                          .shift = keep * neuron.beta + neuron.alpha,
                          .rate = step.learning_rate / static_cast<double>(step.batch)};
  const double samples = static_cast<double>(step.batch);
  const BothSides start = both_sides(law, neuron);
  // A probability that underflowed may still be above 0.
  const double u = threshold(neuron);
  const bool never = neuron.gamma >= 0 ? u >= law.support_upper() : u <= law.support_lower();
  const double with_gradient =
      neuron.leak > 0 ? 1
                      : samples * (never ? 0 : std::max(start.active, std::numeric_limits<double>::min()));
  const Quadrature steps = step.batch == 1
                               ? single_sample_drift(law, neuron, noise, fresh, pause)
                               : characteristic_drift(law, neuron, noise, fresh, step.batch, pause);
  const BothSides decayed =
      both_sides(law, {keep * neuron.gamma, keep * neuron.beta, neuron.alpha, neuron.leak});
  const Quadrature moved = bounded(steps, decayed.active, decayed.inactive, with_gradient);
  return {decay.value + moved.value, decay.error + moved.error};
}

}  // namespace bncollapse::theory
