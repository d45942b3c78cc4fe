#pragma once

#include <complex>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "laws/student_t.hpp"

namespace bncollapse::theory {

/// Throws InvalidArgument naming "sigma", "mean" or "dof".
void check(const Noise& noise);

/// The distribution function of g, as quadratures need it.
class NoiseDistribution {
 public:
  explicit NoiseDistribution(const Noise& noise);

  /// Pr[g > y], relatively accurate in the tail.
  double above(double y) const { return tail(y - noise_.mean); }

  /// Pr[g < y].
  double below(double y) const { return tail(noise_.mean - y); }

  /// Values of g where its distribution function or a derivative of it jumps, ascending.
  const std::vector<double>& breakpoints() const { return breakpoints_; }

 private:
  /// Pr[g - mean > deviation].
  double tail(double deviation) const;

  Noise noise_;
  std::vector<double> breakpoints_;
  std::optional<StudentT> student_;
};

/// A Gaussian of a scale mixture, with its weight.
struct MixturePart {
  double variance;
  double weight;
};

/// The characteristic function of g.
class NoiseCharacteristic {
 public:
  explicit NoiseCharacteristic(const Noise& noise);

  /// E[exp(i w g)] - 1 for finite w, without cancellation for small w.
  std::complex<double> minus_one(double w) const;

 private:
  double standard_minus_one(double w) const;

  Noise noise_;
  std::vector<MixturePart> mixture_;  ///< student_t as a mixture of Gaussians
};

}  // namespace bncollapse::theory
