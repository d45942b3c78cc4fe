#pragma once

#include <algorithm>
#include <utility>

#include "bncollapse/theory/law.hpp"

namespace bncollapse::theory {

/// The law of -x.
class ReflectedLaw final : public Law {
 public:
  explicit ReflectedLaw(LawPtr law) : law_(std::move(law)) {}

  LawName name() const override { return law_->name(); }
  double pdf(double x) const override { return law_->pdf(-x); }
  double pdf_derivative(double x) const override { return -law_->pdf_derivative(-x); }
  double cdf(double x) const override { return law_->survival(-x); }
  double survival(double x) const override { return law_->cdf(-x); }
  double upper_moment(int k, double u) const override { return sign(k) * law_->lower_moment(k, -u); }
  double lower_moment(int k, double u) const override { return sign(k) * law_->upper_moment(k, -u); }
  double quantile(double probability) const override { return -law_->upper_quantile(probability); }
  double upper_quantile(double probability) const override { return -law_->quantile(probability); }
  double support_lower() const override { return -law_->support_upper(); }
  double support_upper() const override { return -law_->support_lower(); }
  bool is_even() const override { return law_->is_even(); }
  double parameter() const override { return is_even() ? law_->parameter() : -law_->parameter(); }

  std::vector<double> breakpoints() const override {
    std::vector<double> points = law_->breakpoints();
    std::reverse(points.begin(), points.end());
    for (double& point : points) point = -point;
    return points;
  }

 private:
  static double sign(int k) { return k == 1 ? -1 : 1; }

  LawPtr law_;
};

}  // namespace bncollapse::theory
