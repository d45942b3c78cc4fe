#pragma once

#include <cstdint>
#include <vector>

namespace bncollapse::study {

/// The number of standard errors K with Pr[any of `comparisons` normal deviates beyond +-K] <= false_alarm
/// (Bonferroni): K = the upper quantile of the normal law at false_alarm / (2 comparisons).
double allowed_deviations(double false_alarm, std::size_t comparisons);

/// The number of standard errors that Student's t with so many degrees of freedom exceeds with probability
/// `level` (one-sided).
double student_deviations(double level, std::size_t degrees_of_freedom);

/// The D that sup |F_n - F| exceeds with a probability of at most false_alarm, for any law and any n: the
/// Dvoretzky-Kiefer-Wolfowitz inequality with Massart's constant (Annals of Probability 18, 1990),
/// Pr[D > d] <= 2 exp(-2 n d^2).
double allowed_distance(double false_alarm, std::int64_t n);

/// The same inequality's bound on the p-value of a measured D, at most 1.
double distance_p_value(double distance, std::int64_t n);

/// A measured point (x, y) with the standard error of y.
struct MeasuredPoint {
  double x = 0, y = 0, standard_error = 0;
};

/// y = intercept + slope x by weighted least squares with weights 1 / standard_error^2; the standard errors
/// follow from those of y.
struct LineFit {
  double slope = 0, slope_error = 0;
  double intercept = 0, intercept_error = 0;  ///< at x = 0
  double chi_squared = 0;
};

/// Needs two different x and positive, finite standard errors.
LineFit fit_line(const std::vector<MeasuredPoint>& points);

}  // namespace bncollapse::study
