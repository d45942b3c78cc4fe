#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>

#include "infinity.hpp"
#include "laws/gaussian.hpp"
#include "laws/reflected_law.hpp"
#include "require.hpp"

namespace bncollapse::theory {

namespace {

/// Moments 0, 1, 2 of a part of a law.
using Moments = std::array<double, 3>;

/// Azzalini's law of shape a >= 0, x = xi + omega z, p_z(z) = 2 phi(z) Phi(a z), standardised by
/// omega = 1/sqrt(1 - 2 d^2/pi), xi = -omega d sqrt(2/pi), d = a/sqrt(1+a^2)
/// (A. Azzalini, Scandinavian Journal of Statistics 12 (1985) 171-178).
/// Owen's T, the usual way to its tails, cancels; here each tail is an integral of a positive function.
class SkewNormalLaw final : public Law {
 public:
  explicit SkewNormalLaw(double shape)
      : shape_(shape),
        steepness_(std::hypot(1, shape)),
        omega_(1 / std::sqrt(1 - 2 / std::numbers::pi * (shape / steepness_) * (shape / steepness_))),
        xi_(-omega_ * shape / steepness_ * std::sqrt(2 / std::numbers::pi)) {}

  LawName name() const override { return LawName::skew_normal; }
  double parameter() const override { return shape_; }
  bool is_even() const override { return shape_ == 0; }
  double support_lower() const override { return -infinity; }
  double support_upper() const override { return infinity; }

  double pdf(double x) const override {
    require_number("x", x);
    const double z = standard(x);
    const double bell = gaussian_pdf(z);
    return bell > 0 ? 2 / omega_ * bell * gaussian_survival(-shape_ * z) : 0;
  }

  double pdf_derivative(double x) const override {
    const double density = pdf(x);
    if (density == 0) return 0;
    const double z = standard(x);
    return (-z * density + 2 / omega_ * shape_ * gaussian_pdf(z) * gaussian_pdf(shape_ * z)) / omega_;
  }

  double cdf(double x) const override { return lower_moment(0, x); }
  double survival(double x) const override { return upper_moment(0, x); }

  double upper_moment(int k, double u) const override {
    require_moment_order(k);
    require_number("u", u);
    if (standard(u) >= 0) return above(k, u);
    return k == 1 ? -below(1, u) : 1 - below(k, u);
  }

  double lower_moment(int k, double u) const override {
    require_moment_order(k);
    require_number("u", u);
    if (standard(u) < 0) return below(k, u);
    return k == 1 ? -above(1, u) : 1 - above(k, u);
  }

  double quantile(double probability) const override {
    require_probability(probability);
    if (probability == 0 || probability == 1) return probability == 0 ? support_lower() : support_upper();
    if (probability > cdf(0)) return upper_quantile(1 - probability);
    return solve([this](double x) { return cdf(x); }, 1, probability);
  }

  double upper_quantile(double probability) const override {
    require_probability(probability);
    if (probability == 0 || probability == 1) return probability == 0 ? support_upper() : support_lower();
    if (probability > survival(0)) return quantile(1 - probability);
    return solve([this](double x) { return survival(x); }, -1, probability);
  }

 private:
  double standard(double x) const { return (x - xi_) / omega_; }

  /// E[x^k 1(x < u)] for z = (u - xi)/omega < 0.
  double below(int k, double u) const {
    if (std::isinf(u)) return 0;
    const Moments part = wedge(-standard(u));  // of -z; -x = -xi + omega (-z), both terms positive
    if (k == 0) return part[0];
    if (k == 1) return xi_ * part[0] - omega_ * part[1];
    return xi_ * xi_ * part[0] + omega_ * (omega_ * part[2] - 2 * xi_ * part[1]);
  }

  /// E[x^k 1(x > u)] for z = (u - xi)/omega >= 0: twice the Gaussian's tail without the wedge.
  double above(int k, double u) const {
    if (std::isinf(u)) return 0;
    const double z = standard(u);
    const Moments cut = wedge(z);
    const double survival = 2 * gaussian_survival(z) - cut[0];
    if (k == 0 || survival == 0) return survival;
    const double mean = 2 * gaussian_pdf(z) - cut[1];
    if (k == 1) return omega_ * mean + xi_ * survival;
    const double square = 2 * (gaussian_survival(z) + z * gaussian_pdf(z)) - cut[2];
    return omega_ * (omega_ * square + 2 * xi_ * mean) + xi_ * xi_ * survival;
  }

  /// integral_h^inf t^k 2 phi(t) Q(a t) dt for k = 0, 1, 2 and h >= 0. The integrand is at most
  /// exp(-(1+a^2) t^2/2) times a slow factor: it is cut where that has fallen by exp(-40).
  Moments wedge(double h) const {
    using Rule = boost::math::quadrature::gauss<double, 30>;
    const double reach = 9 / steepness_;
    const double half = 0.5 * reach * (reach / (std::hypot(h, reach) + h));
    Moments sum{};
    const auto add = [&](double t, double weight) {
      const double value = half * weight * 2 * gaussian_pdf(t) * gaussian_survival(shape_ * t);
      if (value == 0) return;
      sum[0] += value;
      sum[1] += value * t;
      sum[2] += value * t * t;
    };
    for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
      const double offset = half * Rule::abscissa()[i];
      add(h + half - offset, Rule::weights()[i]);
      add(h + half + offset, Rule::weights()[i]);
    }
    return sum;
  }

  /// x with tail(x) = probability by Newton's method on ln tail, which is concave (the density is
  /// log-concave): from the second step on it approaches from the tail's side.
  /// @param direction  1 where `tail` rises with x, -1 where it falls
  template <class Tail>
  double solve(const Tail& tail, double direction, double probability) const {
    constexpr double farthest = 100;
    double x = 0;
    double value = tail(x);
    // Where the tail is known to be above and below the probability: a step out of there is a bad one, as it
    // comes about where the tail is so thin that its density has lost its digits.
    double inside = 0;
    double outside = -direction * farthest;
    for (int iteration = 0; iteration < 200; ++iteration) {
      double step = direction * std::log(probability / value) * (value / pdf(x));
      double next = x + step;
      const auto leaves = [&] {
        return !(std::min(inside, outside) <= next && next <= std::max(inside, outside));
      };
      if (leaves() && !(std::abs(step) < 1e-9)) next = 0.5 * (inside + outside), step = next - x;
      double next_value = tail(next);
      while (next_value == 0 || pdf(next) == 0) {
        step /= 2;
        next = x + step;
        next_value = tail(next);
      }
      (next_value < probability ? outside : inside) = next;
      const bool converged = std::abs(step) <= 4e-16 * std::abs(next);
      x = next;
      value = next_value;
      if (converged) break;
    }
    return x;
  }

  double shape_;
  double steepness_;
  double omega_;
  double xi_;
};

}  // namespace

LawPtr make_skew_normal_law(double shape) {
  require_finite("shape", shape);
  const auto law = std::make_shared<SkewNormalLaw>(std::abs(shape));
  if (shape >= 0) return law;
  return std::make_shared<ReflectedLaw>(law);
}

}  // namespace bncollapse::theory
