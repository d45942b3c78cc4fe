#pragma once

namespace bncollapse::theory {

/// Student's t law as it is in the textbooks, not standardised; degrees of freedom nu > 0.
class StudentT {
 public:
  explicit StudentT(double degrees_of_freedom);

  /// C (1 + t^2/nu)^(-(nu+1)/2), C = 1 / (sqrt(nu) B(nu/2, 1/2)).
  double pdf(double t) const;
  double pdf_derivative(double t) const;

  /// Pr[T > t] for t >= 0, relatively accurate.
  double tail(double t) const;

  /// E[T 1(T > t)] = C nu/(nu-1) (1 + t^2/nu)^(-(nu-1)/2) for nu > 1.
  double tail_mean(double t) const;

  /// t with Pr[T > t] = probability, 0 < probability < 1/2.
  double tail_quantile(double probability) const;

 private:
  double nu_;
  double norm_;
};

}  // namespace bncollapse::theory
