#pragma once

#include <cmath>
#include <complex>
#include <memory>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "noise_laws.hpp"

namespace bncollapse::theory {

/// The distribution function of g, as quadratures need it.
class NoiseDistribution {
 public:
  explicit NoiseDistribution(const Noise& noise);

  /// Pr[g > y], relatively accurate in the tail.
  double above(double y) const { return tail(y - noise_.mean); }

  /// Pr[g < y].
  double below(double y) const { return tail(noise_.mean - y); }

  /// Whether g takes single values only.
  bool is_discrete() const { return noise_.std == 0 || !standard_->has_density(); }

  /// The density of (g - mean)/sigma at z >= 0; a discrete law has none.
  double standard_density(double z) const { return standard_->density(z); }

  /// Values of z >= 0 where that density or a derivative of its even continuation jumps, or an atom sits.
  std::vector<double> standard_edges() const;

  /// A z with Pr[|g - mean| > sigma z] <= probability, at most 8 times too far.
  double farthest(double probability) const;

  /// Values of g where its distribution function or a derivative of it jumps, ascending.
  const std::vector<double>& breakpoints() const { return breakpoints_; }

 private:
  /// Pr[g - mean > deviation].
  double tail(double deviation) const;

  Noise noise_;
  std::shared_ptr<const StandardNoise> standard_;
  std::vector<double> breakpoints_;
};

/// The characteristic function of g.
class NoiseCharacteristic {
 public:
  explicit NoiseCharacteristic(const Noise& noise) : noise_(noise), standard_(make_standard_noise(noise)) {}

  /// E[exp(i w g)] - 1 for finite w, without cancellation for small w.
  std::complex<double> minus_one(double w) const;

  /// E[cos(w (g - mean))] - 1, all there is where the mean is 0.
  double even_minus_one(double w) const { return standard_->cosine_minus_one(std::abs(noise_.std * w)); }

 private:
  Noise noise_;
  std::shared_ptr<const StandardNoise> standard_;
};

}  // namespace bncollapse::theory
