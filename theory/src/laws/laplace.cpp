#include <numbers>

#include "laws/even_law.hpp"

namespace bncollapse::theory {

namespace {

using std::numbers::sqrt2;

/// p(x) = exp(-sqrt(2) |x|) / sqrt(2).
class LaplaceLaw final : public EvenLaw {
 public:
  LawName name() const override { return LawName::laplace; }
  std::vector<double> breakpoints() const override { return {0}; }

 private:
  double half_pdf(double x) const override { return std::exp(-sqrt2 * x) / sqrt2; }
  double half_pdf_derivative(double x) const override { return -std::exp(-sqrt2 * x); }

  double tail_moment(int k, double u) const override {
    const double survival = 0.5 * std::exp(-sqrt2 * u);
    if (survival == 0 || k == 0) return survival;
    return k == 1 ? survival * (u + 1 / sqrt2) : survival * (u * (u + sqrt2) + 1);
  }

  double tail_quantile(double probability) const override { return -std::log(2 * probability) / sqrt2; }
};

}  // namespace

LawPtr make_laplace_law() { return std::make_shared<LaplaceLaw>(); }

}  // namespace bncollapse::theory
