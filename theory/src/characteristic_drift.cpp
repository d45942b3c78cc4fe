#include "characteristic_drift.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "noise.hpp"
#include "quadrature.hpp"

namespace bncollapse::theory {

namespace {

using Complex = std::complex<double>;

/// A node of a quadrature over a law.
struct Node {
  double x;
  double weight;
};

/// Composite 15-point Gauss rule for integrals over `density`, nodes of negligible weight left out.
template <class Density>
std::vector<Node> nodes(const Density& density, std::vector<double> points, double width) {
  using Rule = boost::math::quadrature::gauss<double, 15>;
  std::vector<Node> result;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double length = points[i] - points[i - 1];
    const int panels = static_cast<int>(std::ceil(length / width));
    for (int panel = 0; panel < panels; ++panel) {
      const double half = 0.5 * length / panels;
      const double middle = points[i - 1] + (2 * panel + 1) * half;
      for (std::size_t j = 0; j < Rule::abscissa().size(); ++j) {
        for (const double sign : {-1.0, 1.0}) {
          if (j == 0 && sign > 0) continue;
          const double x = middle + sign * half * Rule::abscissa()[j];
          const double weight = half * Rule::weights()[j] * density(x);
          if (weight != 0) result.push_back({x, weight});
        }
      }
    }
  }
  double total = 0;
  for (const Node& node : result) total += std::abs(node.weight);
  std::erase_if(result, [&](const Node& node) { return std::abs(node.weight) < 1e-20 * total; });
  return result;
}

/// exp(power ln(1 + z)) - 1, stable for small z.
Complex power_minus_one(Complex z, double power) {
  const double log_modulus = 0.5 * std::log1p(2 * z.real() + std::norm(z));
  const double growth = power * log_modulus;
  if (z.imag() == 0 && z.real() > -1) return std::expm1(growth);
  const double phase = power * std::arg(1.0 + z);
  const double half_sine = std::sin(phase / 2);
  const double scale = std::exp(growth);
  return {std::expm1(growth) - 2 * scale * half_sine * half_sine, scale * std::sin(phase)};
}

class CharacteristicDrift {
 public:
  CharacteristicDrift(const Law& law, const Neuron& neuron, const Noise& noise, const FreshSample& fresh,
                      std::int64_t batch)
      : law_(law),
        neuron_(neuron),
        noise_(noise),
        fresh_(fresh),
        batch_(static_cast<double>(batch)),
        spread_(fresh.rate * std::hypot(noise.sigma * std::sqrt(batch_), noise.mean * batch_)),
        // The frequency that the margin's scale and the spread of S ask for.
        unit_(std::abs(fresh.slope) > 0 ? 1 / std::abs(fresh.slope) : 1 / spread_) {}

  Quadrature operator()() const {
    constexpr double step = 2;
    constexpr int most_steps = 200;
    Integral total;
    int vanished = 0;
    Integral last;
    for (int i = 0; i < most_steps && vanished < 2; ++i) {
      last = panel(i * step, (i + 1) * step);
      total.value += last.value;
      total.error += last.error;
      total.magnitude += last.magnitude;
      vanished = last.magnitude <= 1e-12 * total.magnitude ? vanished + 1 : 0;
    }
    if (vanished < 2) total.error += last.magnitude * most_steps;
    return {-total.value / std::numbers::pi, total.error / std::numbers::pi + 1e-13 * total.magnitude};
  }

 private:
  /// The integral over w from `from` to `to`, in units of unit_.
  Integral panel(double from, double to) const {
    const double highest = to * unit_;
    const std::vector<Node> fresh = fresh_nodes(4 / to);
    const std::vector<Node> sample = sample_nodes(std::min(1.0, 4 / (highest * fresh_.rate * noise_.sigma)));
    const auto integrand = [&](double scaled) { return at(scaled * unit_, fresh, sample) / scaled; };
    return integrate(integrand, {from, to}, 1e-9, 8);
  }

  /// integral p(x') Im[exp(-i w c) (psi - 1)] dx'.
  double at(double w, const std::vector<Node>& fresh, const std::vector<Node>& sample) const {
    double sum = 0;
    for (const Node& node : fresh) {
      Complex mean = 0;
      for (const Node& other : sample) {
        mean += other.weight * noise_characteristic_.minus_one(w * fresh_.rate * (1 + other.x * node.x));
      }
      const double angle = w * fresh_.margin(node.x);
      const Complex psi = power_minus_one(mean, batch_);
      sum += node.weight * (psi.imag() * std::cos(angle) - psi.real() * std::sin(angle));
    }
    return sum;
  }

  std::vector<Node> fresh_nodes(double width) const {
    const auto density = [this](double x) { return law_.pdf(x); };
    std::vector<double> points{law_.quantile(1e-17), law_.upper_quantile(1e-17)};
    for (const double x : law_.breakpoints()) points.push_back(x);
    std::sort(points.begin(), points.end());
    return nodes(density, points, std::min(1.0, width));
  }

  std::vector<Node> sample_nodes(double width) const {
    const double u = threshold(neuron_);
    const auto density = [this](double x) { return law_.pdf(x); };
    std::vector<double> points{law_.quantile(1e-17), law_.upper_quantile(1e-17)};
    for (const double x : law_.breakpoints()) points.push_back(x);
    if (u > points[0] && u < points[1]) points.push_back(u);
    std::sort(points.begin(), points.end());
    std::vector<Node> result = nodes(density, points, width);
    std::erase_if(result, [&](const Node& node) { return (neuron_.gamma >= 0) == (node.x < u); });
    return result;
  }

  const Law& law_;
  const Neuron& neuron_;
  Noise noise_;
  NoiseCharacteristic noise_characteristic_{noise_};
  FreshSample fresh_;
  double batch_;
  double spread_;
  double unit_;
};

}  // namespace

Quadrature characteristic_drift(const Law& law, const Neuron& neuron, const Noise& noise,
                                const FreshSample& fresh, std::int64_t batch) {
  return CharacteristicDrift(law, neuron, noise, fresh, batch)();
}

}  // namespace bncollapse::theory
