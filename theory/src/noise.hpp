#pragma once

#include <cmath>
#include <complex>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "laws/student_t.hpp"

namespace bncollapse::theory {

/// Throws InvalidArgument that names the field, as "noise.std".
void check(const Noise& noise);

/// The distribution function of g, as quadratures need it.
class NoiseDistribution {
 public:
  explicit NoiseDistribution(const Noise& noise);

  /// Pr[g > y], relatively accurate in the tail.
  double above(double y) const { return tail(y - noise_.mean); }

  /// Pr[g < y].
  double below(double y) const { return tail(noise_.mean - y); }

  /// The density of |g - mean| / sigma = z, halved: that of (g - mean)/sigma at z >= 0. Rademacher noise has
  /// none.
  double standard_density(double z) const;

  /// Values of z >= 0 where that density or a derivative of its even continuation jumps, or an atom sits.
  std::vector<double> standard_edges() const;

  /// A z with Pr[|g - mean| > sigma z] <= probability, at most 8 times too far.
  double farthest(double probability) const;

  /// Values of g where its distribution function or a derivative of it jumps, ascending.
  const std::vector<double>& breakpoints() const { return breakpoints_; }

 private:
  /// Pr[g - mean > deviation].
  double tail(double deviation) const;
  double standard_tail(double z) const;

  Noise noise_;
  std::vector<double> breakpoints_;
  std::optional<StudentT> student_;
};

/// A tabulated function and its derivative.
struct TableEntry {
  double value;
  double derivative;
};

/// The characteristic function of g.
class NoiseCharacteristic {
 public:
  explicit NoiseCharacteristic(const Noise& noise);

  /// E[exp(i w g)] - 1 for finite w, without cancellation for small w.
  std::complex<double> minus_one(double w) const;

  /// E[cos(w (g - mean))] - 1, all there is where the mean is 0.
  double even_minus_one(double w) const { return standard_minus_one(std::abs(noise_.sigma * w)); }

 private:
  double standard_minus_one(double w) const;
  void tabulate_student();

  Noise noise_;
  std::vector<TableEntry> student_table_;
};

}  // namespace bncollapse::theory
