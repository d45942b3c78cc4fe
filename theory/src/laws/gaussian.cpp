#include "laws/gaussian.hpp"

#include <boost/math/special_functions/erf.hpp>

#include "laws/even_law.hpp"

namespace bncollapse::theory {

namespace {

class GaussianLaw final : public EvenLaw {
 public:
  LawName name() const override { return LawName::gaussian; }

 private:
  double half_pdf(double x) const override { return gaussian_pdf(x); }

  double half_pdf_derivative(double x) const override {
    const double density = gaussian_pdf(x);
    return density > 0 ? -x * density : 0;
  }

  double tail_moment(int k, double u) const override {
    if (k == 1) return gaussian_pdf(u);
    return gaussian_survival(u) + (k == 2 ? u * gaussian_pdf(u) : 0);
  }

  double tail_quantile(double probability) const override {
    return std::numbers::sqrt2 * boost::math::erfc_inv(2 * probability);
  }
};

}  // namespace

LawPtr make_gaussian_law() { return std::make_shared<GaussianLaw>(); }

}  // namespace bncollapse::theory
