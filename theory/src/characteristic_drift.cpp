#include "characteristic_drift.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "infinity.hpp"
#include "laws/gaussian.hpp"
#include "noise.hpp"
#include "rectifier_segment.hpp"

namespace bncollapse::theory {

namespace {

using Complex = std::complex<double>;

/// A node of a quadrature over a density, with the density in its weight.
struct Node {
  double x;
  double weight;
};

/// Composite 15-point Gauss rule on panels of at most `width`, nodes of negligible weight left out.
/// @param points  ascending; the density is smooth between neighbours
template <class Density>
std::vector<Node> make_nodes(const Density& density, const std::vector<double>& points, double width) {
  using Rule = boost::math::quadrature::gauss<double, 15>;
  std::vector<Node> nodes;
  double total = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double length = points[i] - points[i - 1];
    const double panels = std::ceil(length / width);
    const double half = 0.5 * length / panels;
    const auto add = [&](double x, double weight) {
      nodes.push_back({x, half * weight * density(x)});
      total += nodes.back().weight;
    };
    for (double panel = 0; panel < panels; ++panel) {
      const double middle = points[i - 1] + (2 * panel + 1) * half;
      add(middle, Rule::weights()[0]);
      for (std::size_t j = 1; j < Rule::abscissa().size(); ++j) {
        add(middle - half * Rule::abscissa()[j], Rule::weights()[j]);
        add(middle + half * Rule::abscissa()[j], Rule::weights()[j]);
      }
    }
  }
  std::erase_if(nodes, [&](const Node& node) { return node.weight <= 1e-18 * total; });
  return nodes;
}

/// A node of the sample's x with the rectifier's derivative s(z) there.
struct SampleNode {
  double x;
  double weight;
  double derivative;
};

/// A sample's nodes, and the probability of panels that are wider than the integrand's waves.
struct Sample {
  std::vector<SampleNode> nodes;
  double unresolved = 0;
};

/// (1 + z)^power - 1, stable for small z.
Complex power_minus_one(Complex z, double power) {
  const double growth = 0.5 * power * std::log1p(2 * z.real() + std::norm(z));
  if (z.imag() == 0 && z.real() > -1) return std::expm1(growth);
  const double phase = power * std::arg(1.0 + z);
  const double half_sine = std::sin(phase / 2);
  const double modulus = std::exp(growth);
  return {std::expm1(growth) - 2 * modulus * half_sine * half_sine, modulus * std::sin(phase)};
}

class CharacteristicDrift {
 public:
  CharacteristicDrift(const Law& law, const Neuron& neuron, const Noise& noise, const FreshSample& fresh,
                      std::int64_t batch, const Pause& pause)
      : law_(law),
        neuron_(neuron),
        noise_(noise),
        distribution_(noise),
        characteristic_(noise),
        fresh_(fresh),
        pause_(pause),
        batch_(static_cast<double>(batch)),
        lower_(law.quantile(negligible)),
        upper_(law.upper_quantile(negligible)),
        size_(fresh.scale != 0 ? spread(0) / std::abs(fresh.scale) : 1) {
    choose_window();
  }

  Quadrature operator()() {
    const double size = spread(fresh_.scale != 0 ? fresh_.root() : 0);
    if (!(size > 0) || !std::isfinite(size)) return {0, std::isfinite(size) ? smallest : infinity};
    const double unit = fresh_.scale != 0 ? 1 / std::abs(fresh_.scale) : 1 / spread(0);
    double step = unit * std::numbers::pi / (1.1 * margin_reach());

    // The integrand is even and analytic in w: the trapezoidal rule converges geometrically, its error being
    // G at margins beyond 2 pi / step.
    const double at_zero = mean_turn();
    Series total = series(2 * step, 2 * step);
    if (exhausted_) return {0, infinity};
    double value = 2 * step * (0.5 * at_zero + total.sum);
    double aliasing = 0;
    for (int level = 0; level < 6; ++level) {
      const Series between = series(step, 2 * step);
      if (exhausted_) return {0, infinity};
      total.sum += between.sum;
      total.magnitude += between.magnitude;
      total.unresolved += between.unresolved;
      total.truncation += between.truncation;
      const double finer = step * (0.5 * at_zero + total.sum);
      aliasing = std::abs(finer - value);
      value = finer;
      if (aliasing <= std::max(1e-7 * std::abs(value), step * total.truncation)) break;
      step /= 2;
    }
    const double error = aliasing + step * (total.truncation + total.unresolved + 1e-15 * total.magnitude);
    return {-value / std::numbers::pi, error / std::numbers::pi + beyond_window() + smallest};
  }

 private:
  static constexpr double negligible = 1e-17;
  static constexpr double wide = 8;           ///< |x| beyond which a law's tail is smooth
  static constexpr double window_edge = 0.5;  ///< width of the window's fall
  static constexpr double window_flat = 6;    ///< falls that separate its middle from 1 by less than rounding
  static constexpr double highest_frequency = 30;
  static constexpr double smallest = std::numeric_limits<double>::min();
  static constexpr double resolved_phase = 20;  ///< over a panel, that its 15 points still resolve
  static constexpr double budget = 6e7;         ///< pairs of nodes; beyond it the value is given up

  /// A law whose density is rough or whose range is wide is replaced, away from the root of the margin where
  /// G vanishes, by the analytic continuation of the density beside the root times a smooth window
  /// W(y) = (erf((y+L)/s) - erf((y-L)/s)) / 2, which is 1 for |y| < inner_.
  void choose_window() {
    const bool rough = !law_.breakpoints().empty();
    if (fresh_.scale == 0 || (!rough && upper_ - lower_ < 20)) return;
    const double root = fresh_.root();
    inner_ = 6;
    for (const double x : law_.breakpoints()) inner_ = std::min(inner_, std::abs(x - root));
    windowed_ = inner_ > 9 * spread(root) / std::abs(fresh_.scale);
  }

  /// The largest |x' - root| that counts; 1 where the margin is constant.
  double margin_reach() const {
    if (fresh_.scale == 0) return 1;
    if (windowed_) return window_end();
    return std::max({upper_ - fresh_.root(), fresh_.root() - lower_, 1.0});
  }

  double window_end() const { return inner_ + 2 * window_flat * window_edge; }

  /// p(x'), continued and windowed.
  double fresh_density(double x) const {
    if (!windowed_) return law_.pdf(x);
    const double root = fresh_.root();
    const double y = x - root;
    const double length = inner_ + window_flat * window_edge;
    const double window = 0.5 * (std::erf((y + length) / window_edge) - std::erf((y - length) / window_edge));
    if (law_.breakpoints().empty()) return window * law_.pdf(x);
    // Laws with breakpoints are piecewise exponential or constant.
    const double density = law_.pdf(root);
    return density > 0 ? window * density * std::exp(law_.pdf_derivative(root) / density * y) : 0;
  }

  /// An estimate of the integral of (p + continued p) |G| outside the window's middle. One sample passes the
  /// margin itself; in a sum either the bulk (as a Gaussian) or one large sample passes half of it.
  double beyond_window() const {
    if (!windowed_) return 0;
    const double root = fresh_.root();
    const std::vector<SampleNode> sample = sample_nodes(1, 0).nodes;
    double sum = 0;
    for (const double side : {-1.0, 1.0}) {
      for (double from = inner_; from < 1e6; from *= 2) {
        const double x = root + side * from;
        const double margin = std::abs(fresh_.margin(x)) / (batch_ > 1 ? 2 : 1);
        double passed = batch_ > 1 ? 2 * gaussian_survival(margin / spread(x)) : 0;
        for (const SampleNode& node : sample) {
          const double weight = fresh_.rate * node.derivative * std::abs(1 + node.x * x);
          if (weight == 0) continue;
          passed += batch_ * node.weight *
                    (distribution_.above(margin / weight) + distribution_.below(-margin / weight));
        }
        const double share = std::abs(law_.survival(x) - law_.survival(x + side * from)) +
                             (from < window_end() ? from * fresh_density(x) : 0);
        sum += std::min(passed, 1.0) * share;
      }
    }
    return sum;
  }

  /// Root mean square of S given x', at most.
  double spread(double x) const {
    const RectifierMoments moments = rectifier_moments(law_, neuron_);
    const double square = moments.i0 + x * (2 * moments.i1 + x * moments.i2);
    return fresh_.rate * std::sqrt(square) * std::hypot(noise_.std * std::sqrt(batch_), noise_.mean * batch_);
  }

  /// The integrand's limit at w = 0: the mean of S over x' and the batch.
  double mean_turn() const {
    if (noise_.mean == 0) return 0;
    double sum = 0;
    const RectifierMoments moments = rectifier_moments(law_, neuron_);
    for (const Node& node : fresh_nodes(1)) sum += node.weight * (moments.s0 + moments.s1 * node.x);
    return fresh_.rate * batch_ * noise_.mean * sum;
  }

  struct Series {
    double sum = 0;
    double magnitude = 0;
    double truncation = 0;
    double unresolved = 0;  ///< of panels in a heavy tail that are wider than the integrand's waves
  };

  /// The integrand's sum over first, first + step, ... until it has vanished or the budget is spent.
  Series series(double first, double step) {
    Series result;
    std::array<double, 4> recent;
    recent.fill(infinity);
    double resolution = infinity;
    std::vector<Node> fresh;
    Sample sample;
    for (std::int64_t i = 0;; ++i) {
      const double w = first + static_cast<double>(i) * step;
      const double fastest = std::max(w * std::abs(fresh_.scale), 1.0);
      if (fastest > highest_frequency) break;
      if (12 / fastest < resolution) {
        resolution = 8 / fastest;
        const double phase = w * fresh_.rate * std::hypot(noise_.std, noise_.mean);
        const double range = upper_ - lower_;
        if (!(15 * range / std::min(1.5, resolution) < budget && 15 * range * phase < budget))
          exhausted_ = true;
        if (exhausted_) break;
        fresh = fresh_nodes(std::min(1.5, resolution));
        sample = sample_nodes(std::min(1.5, 1.5 / phase), phase);
      }
      work_ += static_cast<double>(fresh.size()) * static_cast<double>(sample.nodes.size());
      if (work_ > budget) exhausted_ = true;
      if (exhausted_) break;
      const double last = integrand(w, fresh, sample.nodes, result.magnitude);
      result.sum += last;
      result.unresolved += 2 * batch_ * sample.unresolved / w;
      // A fall as 1/w^2, from steps that turn gamma over, leaves about i times the last term.
      recent[static_cast<std::size_t>(i) % recent.size()] = std::abs(last) * static_cast<double>(i + 1);
      result.truncation = *std::max_element(recent.begin(), recent.end());
      if (result.truncation <= 1e-7 * std::abs(result.sum)) break;
    }
    return result;
  }

  /// integral p(x') Im[exp(-i w c) (psi - 1)] dx' / w.
  double integrand(double w, const std::vector<Node>& fresh, const std::vector<SampleNode>& sample,
                   double& magnitude) const {
    constexpr std::size_t between_pauses = 100'000;
    double sum = 0;
    std::size_t pairs = 0;
    for (const Node& node : fresh) {
      if (pairs += sample.size(); pairs > between_pauses && pause_) pause_(), pairs = 0;
      const double angle = w * fresh_.margin(node.x);
      const Complex psi = power_minus_one(sample_mean(w * fresh_.rate, node.x, sample), batch_);
      sum += node.weight * (psi.imag() * std::cos(angle) - psi.real() * std::sin(angle));
      magnitude += node.weight * std::abs(psi) / w;
    }
    return sum / w;
  }

  /// E[exp(i v Y) - 1] given x'.
  Complex sample_mean(double v, double fresh_x, const std::vector<SampleNode>& sample) const {
    if (noise_.mean == 0) {
      double mean = 0;
      for (const SampleNode& node : sample) {
        mean += node.weight * characteristic_.even_minus_one(v * node.derivative * (1 + node.x * fresh_x));
      }
      return mean;
    }
    Complex mean = 0;
    for (const SampleNode& node : sample)
      mean += node.weight * characteristic_.minus_one(v * node.derivative * (1 + node.x * fresh_x));
    return mean;
  }

  std::vector<Node> fresh_nodes(double width) const {
    std::vector<double> points{lower_, upper_};
    if (windowed_) {
      points = {fresh_.root() - window_end(), fresh_.root() + window_end()};
    } else {
      for (const double x : law_.breakpoints()) points.push_back(x);
      std::sort(points.begin(), points.end());
    }
    return make_nodes([this](double x) { return fresh_density(x); }, points, width);
  }

  /// @param phase  of the integrand over a unit of x, for x' = 1
  Sample sample_nodes(double width, double phase) const {
    constexpr double far_fresh_x = 4;
    Sample result;
    const double cut = negligible * std::min(1.0, size_ * size_);
    for (const RectifierSegment& segment : rectifier_segments(neuron_)) {
      if (segment.derivative == 0) continue;
      const double lower =
          std::max(segment.from, law_.quantile(std::max(cut * law_.cdf(segment.to), 1e-290)));
      const double upper =
          std::min(segment.to, law_.upper_quantile(std::max(cut * law_.survival(segment.from), 1e-290)));
      if (!(lower < upper)) continue;
      std::vector<double> points{lower, upper};
      const auto add = [&](double x) {
        if (lower < x && x < upper) points.push_back(x);
      };
      for (const double x : law_.breakpoints()) add(x);
      for (double x = wide; x < std::max(-lower, upper); x *= 2) {
        add(x);
        add(-x);
      }
      std::sort(points.begin(), points.end());
      for (std::size_t i = 1; i < points.size(); ++i) {
        // Panels grow with |x| in a heavy tail.
        const double stretch = std::max(1.0, std::abs(points[i - 1] + points[i]) / (2 * wide));
        const double panel = width * stretch;
        const bool resolved =
            std::min(panel, points[i] - points[i - 1]) * phase * far_fresh_x <= resolved_phase;
        for (const Node& node :
             make_nodes([this](double x) { return law_.pdf(x); }, {points[i - 1], points[i]}, panel)) {
          result.nodes.push_back({node.x, node.weight, segment.derivative});
          if (!resolved) result.unresolved += node.weight;
        }
      }
    }
    return result;
  }

  const Law& law_;
  const Neuron& neuron_;
  Noise noise_;
  NoiseDistribution distribution_;
  NoiseCharacteristic characteristic_;
  FreshSample fresh_;
  const Pause& pause_;
  double batch_;
  double lower_;
  double upper_;
  double size_;  ///< of a step beside gamma
  double work_ = 0;
  bool exhausted_ = false;
  bool windowed_ = false;
  double inner_ = 0;
};

}  // namespace

Quadrature characteristic_drift(const Law& law, const Neuron& neuron, const Noise& noise,
                                const FreshSample& fresh, std::int64_t batch, const Pause& pause) {
  return CharacteristicDrift(law, neuron, noise, fresh, batch, pause)();
}

}  // namespace bncollapse::theory
