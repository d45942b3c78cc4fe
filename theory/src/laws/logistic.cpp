#include <numbers>

#include "laws/even_law.hpp"

namespace bncollapse::theory {

namespace {

/// -Li2(-q) = q - q^2/4 + q^3/9 - ... for 0 <= q <= 1, by Landen's identity
/// -Li2(-q) = Li2(z) + ln(1+q)^2 / 2 with z = q/(1+q) <= 1/2, whose series has positive terms.
double negated_dilogarithm(double q) {
  const double z = q / (1 + q);
  double sum = 0;
  double power = z;
  for (int n = 1; power > 1e-17 * sum; ++n) {
    sum += power / (static_cast<double>(n) * n);
    power *= z;
  }
  const double log = std::log1p(q);
  return sum + 0.5 * log * log;
}

/// p(x) = q / (s (1+q)^2), q = exp(-x/s), s = sqrt(3)/pi.
class LogisticLaw final : public EvenLaw {
 public:
  LawName name() const override { return LawName::logistic; }

 private:
  static constexpr double scale = std::numbers::sqrt3 / std::numbers::pi;

  double half_pdf(double x) const override {
    const double q = std::exp(-x / scale);
    return q / (scale * (1 + q) * (1 + q));
  }

  double half_pdf_derivative(double x) const override {
    return -half_pdf(x) / scale * std::tanh(x / (2 * scale));
  }

  double tail_moment(int k, double u) const override {
    const double q = std::exp(-u / scale);
    if (q == 0) return 0;
    const double survival = q / (1 + q);
    if (k == 0) return survival;
    const double log = scale * std::log1p(q);
    if (k == 1) return u * survival + log;
    return u * (u * survival + 2 * log) + 2 * scale * scale * negated_dilogarithm(q);
  }

  double tail_quantile(double probability) const override {
    return probability < 0.25 ? scale * (std::log1p(-probability) - std::log(probability))
                              : 2 * scale * std::atanh(1 - 2 * probability);
  }
};

}  // namespace

LawPtr make_logistic_law() { return std::make_shared<LogisticLaw>(); }

}  // namespace bncollapse::theory
