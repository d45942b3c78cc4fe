#include "laws/student_t.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "laws/even_law.hpp"
#include "quadrature.hpp"

namespace bncollapse::theory {

namespace {

/// ln(1 + t^2/nu), without overflow of t^2.
double log_base(double t, double nu) {
  const double ratio = std::abs(t) / std::sqrt(nu);
  return ratio < 1e100 ? std::log1p(ratio * ratio) : 2 * std::log(ratio);
}

}  // namespace

StudentT::StudentT(double degrees_of_freedom)
    : nu_(degrees_of_freedom),
      norm_(1 / (std::sqrt(degrees_of_freedom) * boost::math::beta(degrees_of_freedom / 2, 0.5))) {}

double StudentT::pdf(double t) const { return norm_ * std::exp(-0.5 * (nu_ + 1) * log_base(t, nu_)); }

double StudentT::pdf_derivative(double t) const {
  const double density = pdf(t);
  return density > 0 ? -(nu_ + 1) / (nu_ / t + t) * density : 0;
}

double StudentT::tail(double t) const {
  // Beyond these degrees of freedom the rounding of nu/(nu+t^2) shows after the power nu/2. The tail is then
  // short: the density falls by exp(-40) within `length`.
  constexpr double many_degrees = 1e4;
  if (nu_ <= many_degrees) {
    const double ratio = t / std::sqrt(nu_);
    const double y = 1 / (1 + ratio * ratio);
    // Boost's function in double agrees within 2e-15 with the one in long double here, in a sixth of the
    // time.
    constexpr double few_degrees = 10, smallest = 1e-200;
    if (nu_ <= few_degrees) {
      using namespace boost::math::policies;
      const double tail = 0.5 * boost::math::ibeta(nu_ / 2, 0.5, y, policy<promote_double<false>>());
      if (tail > smallest) return tail;
    }
    return 0.5 * boost::math::ibeta(nu_ / 2, 0.5, y);
  }
  if (pdf(t) == 0) return 0;
  const double length = t < 9 ? std::hypot(t, 9) : 40 * (nu_ / t + t) / (nu_ + 1);
  const auto density = [this](double y) { return pdf(y); };
  return integrate(density, {t, t + length / 4, t + length}, 1e-13).value;
}

double StudentT::tail_mean(double t) const {
  return norm_ * nu_ / (nu_ - 1) * std::exp(-0.5 * (nu_ - 1) * log_base(t, nu_));
}

double StudentT::tail_quantile(double probability) const {
  const boost::math::students_t law(nu_);
  const double t = quantile(complement(law, probability));
  const double density = pdf(t);
  return density > 0 ? t + (tail(t) - probability) / density : t;
}

namespace {

/// x = s T, s = sqrt((nu-2)/nu).
class StudentTLaw final : public EvenLaw {
 public:
  explicit StudentTLaw(double degrees_of_freedom)
      : nu_(degrees_of_freedom),
        scale_(std::sqrt((degrees_of_freedom - 2) / degrees_of_freedom)),
        law_(degrees_of_freedom),
        reduced_(degrees_of_freedom - 2) {}

  LawName name() const override { return LawName::student_t; }
  double parameter() const override { return nu_; }

 private:
  double half_pdf(double x) const override { return law_.pdf(x / scale_) / scale_; }

  double half_pdf_derivative(double x) const override {
    return law_.pdf_derivative(x / scale_) / scale_ / scale_;
  }

  double tail_moment(int k, double u) const override {
    if (k == 0) return law_.tail(u / scale_);
    const double mean = scale_ * law_.tail_mean(u / scale_);
    if (k == 1) return mean;
    // By parts: E[x^2 1(x > u)] = u E[x 1(x > u)] + Pr[T' > u] with T' of nu - 2 degrees of freedom.
    return u * mean + reduced_.tail(u);
  }

  double tail_quantile(double probability) const override { return scale_ * law_.tail_quantile(probability); }

  double nu_;
  double scale_;
  StudentT law_;
  StudentT reduced_;
};

}  // namespace

LawPtr make_student_t_law(double degrees_of_freedom) {
  require(
      degrees_of_freedom >= smallest_degrees_of_freedom && degrees_of_freedom <= largest_degrees_of_freedom,
      "dof", degrees_of_freedom,
      "be from 2.000001 to 1e9: nearer to 2 all variance sits in the farthest tails, at 1e9 the law is all but the Gaussian");
  return std::make_shared<StudentTLaw>(degrees_of_freedom);
}

}  // namespace bncollapse::theory
