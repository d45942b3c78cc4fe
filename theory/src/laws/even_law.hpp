#pragma once

#include <cmath>

#include "bncollapse/theory/law.hpp"
#include "infinity.hpp"
#include "require.hpp"

namespace bncollapse::theory {

/// A law with p(-x) = p(x), given by its upper half: a family states p, p', the tail's moments and quantile
/// for x >= 0, and no tail is ever formed as a difference.
class EvenLaw : public Law {
 public:
  double pdf(double x) const final {
    require_number("x", x);
    return half_pdf(std::abs(x));
  }

  double pdf_derivative(double x) const final {
    require_number("x", x);
    if (x == 0) return 0;
    return x > 0 ? half_pdf_derivative(x) : -half_pdf_derivative(-x);
  }

  double cdf(double x) const final { return survival(-x); }

  double survival(double x) const final {
    require_number("x", x);
    return x >= 0 ? tail(0, x) : 1 - tail(0, -x);
  }

  double upper_moment(int k, double u) const final {
    require_moment_order(k);
    require_number("u", u);
    if (u >= 0) return tail(k, u);
    return k == 1 ? tail(1, -u) : 1 - tail(k, -u);
  }

  double lower_moment(int k, double u) const final {
    const double reflected = upper_moment(k, -u);
    return k == 1 ? -reflected : reflected;
  }

  double quantile(double probability) const final { return -upper_quantile(probability); }

  double upper_quantile(double probability) const final {
    require_probability(probability);
    if (probability == 0.5) return 0;
    if (probability > 0.5) return -upper_quantile(1 - probability);
    return probability > 0 ? tail_quantile(probability) : support_upper();
  }

  double support_lower() const final { return -support_upper(); }
  double support_upper() const override { return infinity; }
  bool is_even() const final { return true; }

 private:
  double tail(int k, double u) const { return std::isinf(u) ? 0 : tail_moment(k, u); }

  virtual double half_pdf(double x) const = 0;                 ///< x >= 0, may be infinite
  virtual double half_pdf_derivative(double x) const = 0;      ///< x > 0, may be infinite
  virtual double tail_moment(int k, double u) const = 0;       ///< E[x^k 1(x > u)], finite u >= 0
  virtual double tail_quantile(double probability) const = 0;  ///< 0 < probability < 1/2
};

}  // namespace bncollapse::theory
