#pragma once

#include <algorithm>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <limits>
#include <queue>
#include <vector>

namespace bncollapse::theory {

/// An integrand's value with its own absolute error.
struct Estimate {
  double value = 0;
  double error = 0;

  Estimate() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): an exact value is an estimate
  Estimate(double value_, double error_ = 0) : value(value_), error(error_) {}
  friend Estimate operator+(Estimate a, Estimate b) { return {a.value + b.value, a.error + b.error}; }
};

/// A quadrature's value, its estimated absolute error and the integral of |f|, the scale of its rounding.
struct Integral {
  double value = 0;
  double error = 0;
  double magnitude = 0;
};

/// Adaptive Gauss-Kronrod (7, 15): the panel with the largest error is halved until the total error is at
/// most `tolerance` times the integral of |f|. A panel's error is QUADPACK's: M min(1, (200 |K - G| /
/// M)^1.5), where the rules' results are K and G and M is the integral of |f|.
/// @param f       double or Estimate, whose own error is integrated too; finite on [points.front(),
/// points.back()], smooth between neighbouring points
/// @param points  ascending, at least 2, finite
/// @param may_refine  asked before a panel is halved; where it says no, the error is what it is by then
template <class Function, class MayRefine>
Integral integrate(const Function& f, const std::vector<double>& points, double tolerance, int max_panels,
                   const MayRefine& may_refine) {
  using Rule = boost::math::quadrature::gauss_kronrod<double, 15>;
  struct Panel {
    double from, to;
    double inherited;
    Integral part;
    bool operator<(const Panel& other) const { return part.error < other.part.error; }
  };
  const auto panel = [&f](double from, double to) {
    const auto& nodes = Rule::abscissa();
    const auto& weights = Rule::weights();
    const auto& gauss = boost::math::quadrature::gauss<double, 7>::weights();
    const double half = 0.5 * (to - from);
    const double middle = from + half;
    const Estimate centre = f(middle);
    double kronrod = weights[0] * centre.value;
    double low = gauss[0] * centre.value;
    double magnitude = weights[0] * std::abs(centre.value);
    double inherited = weights[0] * centre.error;
    for (std::size_t i = 1; i < nodes.size(); ++i) {
      const Estimate left = f(middle - half * nodes[i]);
      const Estimate right = f(middle + half * nodes[i]);
      kronrod += weights[i] * (left.value + right.value);
      magnitude += weights[i] * (std::abs(left.value) + std::abs(right.value));
      inherited += weights[i] * (left.error + right.error);
      if (i % 2 == 0) low += gauss[i / 2] * (left.value + right.value);
    }
    const double difference = std::abs(kronrod - low);
    const double error =
        magnitude > 0 ? magnitude * std::min(1.0, std::pow(200 * difference / magnitude, 1.5)) : 0;
    return Panel{
        from, to, half * inherited, {half * kronrod, half * std::min(error, difference), half * magnitude}};
  };

  std::priority_queue<Panel> panels;
  Integral total;
  const auto push = [&](double from, double to) {
    const Panel added = panel(from, to);
    total.error += added.part.error;
    total.magnitude += added.part.magnitude;
    panels.push(added);
  };
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i] > points[i - 1]) push(points[i - 1], points[i]);
  }
  while (!panels.empty() && total.error > tolerance * total.magnitude &&
         static_cast<int>(panels.size()) < max_panels && may_refine()) {
    const Panel worst = panels.top();
    const double middle = 0.5 * (worst.from + worst.to);
    if (!(worst.from < middle && middle < worst.to)) break;
    panels.pop();
    total.error -= worst.part.error;
    total.magnitude -= worst.part.magnitude;
    push(worst.from, middle);
    push(middle, worst.to);
  }
  total = {};
  for (; !panels.empty(); panels.pop()) {
    total.value += panels.top().part.value;
    total.error += panels.top().part.error + panels.top().inherited;
    total.magnitude += panels.top().part.magnitude;
  }
  total.error += 8 * std::numeric_limits<double>::epsilon() * total.magnitude;
  return total;
}

template <class Function>
Integral integrate(const Function& f, const std::vector<double>& points, double tolerance,
                   int max_panels = 4000) {
  return integrate(f, points, tolerance, max_panels, [] { return true; });
}

}  // namespace bncollapse::theory
