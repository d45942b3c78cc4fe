#include <numbers>

#include "laws/even_law.hpp"

namespace bncollapse::theory {

namespace {

/// p(x) = 1 / (2 sqrt(3)) for |x| < sqrt(3); at the edges half of it, the mean of both sides.
class UniformLaw final : public EvenLaw {
 public:
  LawName name() const override { return LawName::uniform; }
  double support_upper() const override { return edge; }
  std::vector<double> breakpoints() const override { return {-edge, edge}; }

 private:
  static constexpr double edge = std::numbers::sqrt3;
  static constexpr double density = 1 / (2 * edge);

  double half_pdf(double x) const override {
    if (x == edge) return density / 2;
    return x < edge ? density : 0;
  }

  double half_pdf_derivative(double) const override { return 0; }

  double tail_moment(int k, double u) const override {
    if (u >= edge) return 0;
    const double survival = (edge - u) * density;
    if (k == 0) return survival;
    return k == 1 ? survival * (edge + u) / 2 : survival * (edge * (edge + u) + u * u) / 3;
  }

  double tail_quantile(double probability) const override { return edge * (1 - 2 * probability); }
};

}  // namespace

LawPtr make_uniform_law() { return std::make_shared<UniformLaw>(); }

}  // namespace bncollapse::theory
