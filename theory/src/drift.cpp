#include "bncollapse/theory/drift.hpp"

#include <cmath>
#include <vector>

#include "drift_checks.hpp"
#include "infinity.hpp"
#include "laws/reflected_law.hpp"
#include "noise.hpp"
#include "require.hpp"

namespace bncollapse::theory {

double drift_coefficient(const Law& law, double u, double leak) {
  require_number("u", u);
  require(leak >= 0 && leak <= 1, "leak", leak, "lie in [0, 1]");
  const double density = law.pdf(u);
  const double derivative = law.pdf_derivative(u);
  if (density == 0 && derivative == 0) return 0;
  const RectifierMoments moments = rectifier_moments(law, {.gamma = 1, .beta = -u, .leak = leak});
  return -0.5 * derivative * (moments.i0 + u * (2 * moments.i1 + u * moments.i2)) -
         density * (moments.i1 + u * moments.i2);
}

double drift_coefficient(const Law& law, const Neuron& neuron) {
  const double u = threshold(neuron);
  require(neuron.gamma != 0, "gamma", neuron.gamma, "differ from 0");
  if (neuron.gamma > 0) return drift_coefficient(law, u, neuron.leak);
  return drift_coefficient(ReflectedLaw(LawPtr(LawPtr(), &law)), -u, neuron.leak);
}

double even_average_drift_coefficient(const Law& law, double u, double leak) {
  return 0.5 * (drift_coefficient(law, u, leak) + drift_coefficient(law, -u, leak));
}

double even_average_drift_coefficient(const Law& law, const Neuron& neuron) {
  const Neuron opposite{neuron.gamma, -(neuron.beta + neuron.alpha), 0, neuron.leak};
  return 0.5 * (drift_coefficient(law, neuron) + drift_coefficient(law, opposite));
}

namespace {

struct Node {
  double value, weight;
};

/// The law of x between a threshold and an end, conditioned on lying there: nodes of equal steps in the
/// logarithm of the probability beyond them, towards both ends.
/// @param at  the value beyond which lies this share of the part
template <class Quantile>
std::vector<Node> graded_nodes(const Quantile& at) {
  constexpr int count = 6;
  constexpr double growth = 10;
  std::vector<Node> nodes;
  double outer = 0.5;
  for (int i = 0; i < count; ++i) {
    const double inner = i + 1 < count ? outer / growth : 0;
    const double middle = i + 1 < count ? std::sqrt(outer * inner) : outer / 2;
    nodes.push_back({at(middle), outer - inner});
    nodes.push_back({at(1 - middle), outer - inner});
    outer = inner;
  }
  return nodes;
}

/// z = |g - mean| / sigma: bins of equal steps in ln z.
std::vector<Node> noise_nodes(const Noise& noise) {
  if (noise.std == 0) return {{0, 1}};
  constexpr double nearest = 0.05, growth = 1.3;
  const NoiseDistribution standard({noise.law, 0, 1, noise.dof});
  const double farthest = standard.farthest(1e-15);
  std::vector<Node> nodes;
  for (double z = nearest; z < farthest; z *= growth)
    nodes.push_back({z * std::sqrt(growth), 2 * (standard.above(z) - standard.above(z * growth))});
  return nodes;
}

}  // namespace

ChangeMoments change_moments(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(neuron, noise, step);
  const double u = threshold(neuron), rate = step.learning_rate / static_cast<double>(step.batch);
  const bool upright = neuron.gamma >= 0;
  const auto active_share = [&](double gamma, double beta) {
    const Neuron moved{gamma, beta, neuron.alpha, neuron.leak};
    return activation_probability(law, moved);
  };
  const double active = active_share(neuron.gamma, neuron.beta);
  // The smaller of P and 1 - P, whose changes do not drown.
  const bool by_active = active <= 0.5;
  const auto side = [&](double gamma, double beta) {
    return by_active ? active_share(gamma, beta) : active_share(-gamma, -beta - 2 * neuron.alpha);
  };
  const double before = side(neuron.gamma, neuron.beta);
  const double above = law.survival(u), below = law.cdf(u);
  const std::vector<Node> noises = noise_nodes(noise);
  ChangeMoments moments;
  const auto add = [&](double share, double derivative, const std::vector<Node>& samples) {
    if (share == 0 || derivative == 0) return;
    for (const Node& x : samples) {
      for (const Node& z : noises) {
        double change = 0;
        for (const double sign : {-1.0, 1.0}) {
          const double t = rate * derivative * (noise.mean + sign * noise.std * z.value);
          // A quantile or a step beyond the largest number: it has no probability that would count.
          if (!std::isfinite(t) || !std::isfinite(t * x.value)) continue;
          change += 0.5 * (side(neuron.gamma - t * x.value, neuron.beta - t) - before);
        }
        const double weight = share * x.weight * z.weight;
        moments.first += weight * std::abs(change);
        moments.second += weight * change * change;
      }
    }
  };
  const auto upper = graded_nodes([&](double v) { return law.upper_quantile(v * above); });
  const auto lower = graded_nodes([&](double v) { return law.quantile(v * below); });
  add(above, upright ? 1 : neuron.leak, upper);
  add(below, upright ? neuron.leak : 1, lower);
  return moments;
}

double carrying_share(const ChangeMoments& moments, std::int64_t batch) {
  const double square = static_cast<double>(batch) * moments.first * moments.first;
  return square > 0 ? square / (square + moments.second) : 0;
}

double expansion_parameter(const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(neuron, noise, step);
  const double size = step.learning_rate * noise.std / std::sqrt(static_cast<double>(step.batch));
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
  check(noise, step);
  const double u = threshold(neuron);
  require(neuron.gamma != 0, "gamma", neuron.gamma, "differ from 0");
  const double density = law.pdf(u);
  if (density == 0 || noise.mean == 0) return 0;
  const RectifierMoments moments = rectifier_moments(law, neuron);
  return -step.learning_rate * noise.mean / std::abs(neuron.gamma) * density * (moments.s0 + u * moments.s1);
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
