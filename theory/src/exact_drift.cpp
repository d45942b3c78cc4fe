#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "bncollapse/theory/drift.hpp"
#include "characteristic_drift.hpp"
#include "drift_checks.hpp"
#include "fresh_sample.hpp"
#include "gate.hpp"
#include "infinity.hpp"
#include "neuron_checks.hpp"
#include "noise.hpp"
#include "quadrature.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

/// P after the decay of (gamma, beta) alone, minus P.
Quadrature decay_drift(const Law& law, const Neuron& neuron, double keep) {
  Neuron decayed = neuron;
  decayed.gamma *= keep;
  decayed.beta *= keep;
  const double before = threshold(neuron);
  const double after = threshold(decayed);
  const bool same_side = (neuron.gamma > 0) == (decayed.gamma > 0) && neuron.gamma != 0 && decayed.gamma != 0;
  if (same_side && before == after) return {};
  if (same_side && std::abs(before - after) < 1) {
    std::vector<double> points{std::min(before, after), std::max(before, after)};
    for (const double point : law.breakpoints()) {
      if (points.front() < point && point < points.back()) points.insert(points.end() - 1, point);
    }
    const Integral moved = integrate([&](double x) { return law.pdf(x); }, points, 1e-13);
    const double sign = (after > before) == (neuron.gamma > 0) ? -1 : 1;
    return {sign * moved.value, moved.error};
  }
  const double difference = activation_probability(law, decayed) - activation_probability(law, neuron);
  return {difference, 4e-16};
}

/// One sample's step. The inner integral is over the sample's x, the outer one over the fresh x'.
class SingleSampleDrift {
 public:
  SingleSampleDrift(const Law& law, const Neuron& neuron, const Noise& noise, const FreshSample& fresh)
      : law_(law),
        neuron_(neuron),
        fresh_(fresh),
        noise_(noise),
        threshold_(theory::threshold(neuron)),
        spread_(fresh.rate * std::hypot(noise.sigma, noise.mean)),
        inner_points_(sample_points()) {}

  Quadrature operator()() const {
    const double root = fresh_.root();
    const bool centred = std::abs(root) < 1e6;
    const double centre = centred ? root : 0;
    const double width = centred ? spread_ * std::hypot(1, root) / std::abs(fresh_.slope) : 1;
    const auto folded = [&](double y) { return weighted(centre + y) + weighted(centre - y); };
    const Integral drift = integrate(folded, outer_points(centre, width, folded), 1e-9);
    return {drift.value, drift.error};
  }

 private:
  /// p(x') (Pr[z' > 0 | x'] - 1(c(x') > 0)).
  Estimate weighted(double fresh_x) const {
    const double density = law_.pdf(fresh_x);
    if (density == 0) return {};
    const double margin = fresh_.margin(fresh_x);
    // The sign of z' is turned by steps beyond the margin only.
    const bool positive = margin > 0;
    double value = 0;
    double error = 0;
    for (const Gate& gate : gates(neuron_)) {
      if (gate.slope == 0) continue;
      const auto turned = [&](double x) {
        const double weight = fresh_.rate * gate.slope * (1 + x * fresh_x);
        if (weight == 0) return 0.0;
        const bool above = positive == (weight > 0);
        return law_.pdf(x) * (above ? noise_.above(margin / weight) : noise_.below(margin / weight));
      };
      std::vector<double> points;
      for (const double x : inner_points_) {
        if (gate.from <= x && x <= gate.to) points.push_back(x);
      }
      if (points.size() < 2) continue;
      const auto add = [&](double x) {
        if (points.front() < x && x < points.back()) points.push_back(x);
      };
      if (fresh_x != 0) {
        const double scale = 1 / (fresh_.rate * gate.slope);
        add(-1 / fresh_x);
        for (const double g : noise_.breakpoints()) add((margin / g * scale - 1) / fresh_x);
        std::sort(points.begin(), points.end());
      }
      const Integral part = integrate(turned, points, 1e-13, 200);
      value += part.value;
      error += part.error;
    }
    return {density * (positive ? -value : value), density * error};
  }

  /// Panels for the sample's x over the parts of the law where the gate is not 0.
  std::vector<double> sample_points() const {
    constexpr double negligible = 1e-17;
    const auto [below, above] = gates(neuron_);
    const double share_below = law_.cdf(threshold_);
    const double share_above = law_.survival(threshold_);
    const double lower = below.slope == 0 || share_below == 0
                             ? std::max(threshold_, law_.quantile(negligible))
                             : law_.quantile(negligible * share_below);
    const double upper = above.slope == 0 || share_above == 0
                             ? std::min(threshold_, law_.upper_quantile(negligible))
                             : law_.upper_quantile(negligible * share_above);
    std::vector<double> points = panel_points(lower, upper);
    const double near = 1 / (1 + std::abs(threshold_));
    for (const double x : {threshold_ - near, threshold_, threshold_ + near}) points.push_back(x);
    for (const double x : law_.breakpoints()) points.push_back(x);
    std::sort(points.begin(), points.end());
    points.erase(std::unique(points.begin(), points.end()), points.end());
    std::erase_if(points, [&](double x) { return !(lower <= x && x <= upper); });
    return points;
  }

  static std::vector<double> panel_points(double lower, double upper) {
    std::vector<double> points{lower, 0, upper};
    for (double x = 1; x < upper; x *= 2) points.push_back(x);
    for (double x = -1; x > lower; x *= 2) points.push_back(x);
    return points;
  }

  /// Panels for |x' - centre|: doubling from the width of the turned region until nothing is left, with the
  /// places where a break of the inner integral, the law or the noise shows.
  template <class Function>
  std::vector<double> outer_points(double centre, double width, const Function& folded) const {
    const double lower = law_.quantile(1e-25);
    const double upper = law_.upper_quantile(1e-25);
    const double reach = std::max({centre - lower, upper - centre, 64 * width});
    std::vector<double> points{0};
    double largest = 0;
    int vanished = 0;
    for (double y = width / 8; vanished < 3 && y < 2 * reach; y *= 2) {
      points.push_back(y);
      const double size = std::abs(folded(y).value) * y;
      largest = std::max(largest, size);
      vanished = y > width && size <= 1e-17 * largest ? vanished + 1 : 0;
    }
    const double end = points.back();
    const auto add = [&](double x) {
      const double y = std::abs(x - centre);
      if (0 < y && y < end) points.push_back(y);
    };
    for (const double x : law_.breakpoints()) add(x);
    for (const Gate& gate : gates(neuron_)) {
      if (gate.slope == 0) continue;
      for (const double g : noise_.breakpoints()) {
        const double step = fresh_.rate * gate.slope * g;
        const auto add_root = [&](double x) {
          // margin(x') = step (1 + x x')
          const double slope = fresh_.slope - step * x;
          if (slope != 0) add((step - fresh_.shift) / slope);
        };
        if (std::isfinite(threshold_)) add_root(threshold_);
        for (const double x : law_.breakpoints()) add_root(x);
      }
    }
    std::sort(points.begin(), points.end());
    return points;
  }

  const Law& law_;
  const Neuron& neuron_;
  FreshSample fresh_;
  NoiseDistribution noise_;
  double threshold_;
  double spread_;
  std::vector<double> inner_points_;
};

}  // namespace

Quadrature exact_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step) {
  check(neuron);
  check(noise);
  check(step);
  const double keep = 1 - step.learning_rate * step.weight_decay;
  const Quadrature decay = decay_drift(law, neuron, keep);
  if (step.learning_rate == 0 || (noise.sigma == 0 && noise.mean == 0)) return decay;

  const FreshSample fresh{.slope = keep * neuron.gamma,
                          .shift = keep * neuron.beta + neuron.alpha,
                          .rate = step.learning_rate / static_cast<double>(step.batch)};
  const Quadrature steps = step.batch == 1 ? SingleSampleDrift(law, neuron, noise, fresh)()
                                           : characteristic_drift(law, neuron, noise, fresh, step.batch);
  return {decay.value + steps.value, decay.error + steps.error};
}

}  // namespace bncollapse::theory
