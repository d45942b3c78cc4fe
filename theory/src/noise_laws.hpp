// The laws of the gradient noise, one class per law.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "bncollapse/theory/drift.hpp"

namespace bncollapse::theory {

/// The law of z = (g - mean) / sigma: even, of variance 1.
class StandardNoise {
 public:
  virtual ~StandardNoise() = default;

  /// The probability above z, relatively accurate for large z.
  virtual double tail(double z) const = 0;

  /// Whether there is a density; a discrete law has none.
  virtual bool has_density() const { return true; }
  /// The density at z >= 0.
  virtual double density(double z) const = 0;

  /// Values of z >= 0 where the density or a derivative of its even continuation jumps, or an atom sits.
  virtual std::vector<double> edges() const { return {}; }

  /// The largest |z|.
  virtual double support() const { return std::numeric_limits<double>::infinity(); }

  /// E[cos(w z)] - 1 for finite w >= 0, without cancellation for small w.
  virtual double cosine_minus_one(double w) const = 0;
};

std::shared_ptr<const StandardNoise> make_standard_noise(const Noise& noise);

}  // namespace bncollapse::theory
