#include "noise.hpp"

#include <cmath>

namespace bncollapse::theory {

NoiseDistribution::NoiseDistribution(const Noise& noise)
    : noise_(noise), standard_(make_standard_noise(noise)) {
  for (const double edge : standard_edges()) {
    if (edge > 0) breakpoints_.push_back(noise.mean - edge * noise.std);
    breakpoints_.push_back(noise.mean + edge * noise.std);
  }
}

double NoiseDistribution::tail(double deviation) const {
  if (noise_.std == 0) return deviation < 0 ? 1 : 0;
  return standard_->tail(deviation / noise_.std);
}

std::vector<double> NoiseDistribution::standard_edges() const {
  return noise_.std == 0 ? std::vector<double>{0} : standard_->edges();
}

double NoiseDistribution::farthest(double probability) const {
  if (std::isfinite(standard_->support())) return standard_->support();
  double z = 2;
  while (z < 1e300 && 2 * standard_->tail(z) > probability) z *= z < 64 ? 1.25 : 8;
  return z;
}

std::complex<double> NoiseCharacteristic::minus_one(double w) const {
  const double even = even_minus_one(w);
  if (noise_.mean == 0) return even;
  const double phase = noise_.mean * w;
  const double half_sine = std::sin(phase / 2);
  return {even * std::cos(phase) - 2 * half_sine * half_sine, (1 + even) * std::sin(phase)};
}

}  // namespace bncollapse::theory
