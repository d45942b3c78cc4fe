#pragma once

#include <cmath>
#include <numbers>

namespace bncollapse::theory {

/// phi(x) = exp(-x^2/2) / sqrt(2 pi).
inline double gaussian_pdf(double x) {
  return std::exp(-0.5 * x * x) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
}

/// Pr[X > x] of the standard normal law, relatively accurate in the upper tail.
inline double gaussian_survival(double x) { return 0.5 * std::erfc(x / std::numbers::sqrt2); }

}  // namespace bncollapse::theory
