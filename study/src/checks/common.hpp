#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "checks/statistics.hpp"
#include "spec/check_kind.hpp"

namespace bncollapse::study {

/// The fields of every check, before its own: `claim`, `false_alarm`.
std::vector<Field> check_fields(std::vector<Field> own);

/// The fields `estimator` and `allow_out_of_range` of checks of the drift, before the check's own.
std::vector<Field> drift_check_fields(std::vector<Field> own);

/// A verdict with the check's name and claim (the spec's, else `claim`) about several points, or about one,
/// whose swept values the claim then ends with.
/// @param where  what the several points have in common, as `described` tells it
Verdict start_verdict(const Json& check, const std::string& claim, const std::string& where = {});
Verdict start_verdict(const Json& check, const std::string& claim, const PointSummary& point);

/// Fills in `measured` and `predicted` and judges: pass within the tolerance K * standard error + slack, fail
/// outside; inconclusive where the standard error exceeds `largest_error` or the slack `largest_slack`, too
/// much to tell right from wrong, unless it fails even so.
struct Comparison {
  sim::Mean measured;
  double predicted = 0;
  double deviations = 0;  ///< K
  std::string deviations_source = {};
  double slack = 0;  ///< allowed beyond K standard errors: the prediction's error, rounding, bin widths
  std::string slack_source = {};
  double largest_error = 0;
  double largest_slack = 0;
};
void compare(const Comparison& comparison, Verdict& verdict);

/// The share of the size of what is predicted (of the theory's own, where a false prediction is planted) up
/// to which a slack decides. With K standard errors of a tenth each, a prediction of the wrong sign, or of
/// twice the size or more, stays outside the tolerance.
inline constexpr double largest_slack_share = 0.25;

/// "K standard errors: false-alarm rate R over N comparisons".
std::string deviations_text(double deviations, double false_alarm, std::size_t comparisons);

/// The drift of the first step: an estimate of the mean of P_1 - P_0.
struct MeasuredDrift {
  sim::Mean mean;
  std::string quantity;
};

/// By the check's `estimator`; "best" is the recorded one with the smallest standard error (its choice hardly
/// depends on the estimates: standard errors are known to a relative 1/sqrt(2 count)). Nothing where the
/// estimator was not recorded.
std::optional<MeasuredDrift> measured_drift(const StoredPoint& point, const Json& check);

/// A prediction of the point, or nothing.
std::optional<PredictedValue> predicted(const StoredPoint& point, const std::string& quantity);
bool is_in_range(const StoredPoint& point);

/// The estimates of a quantity over the recorded steps; empty where there are none.
const std::map<std::int64_t, sim::Mean>& estimates(const StoredPoint& point, const std::string& quantity);

/// The unit roundoff of the point's precision, 2^-24 or 2^-53.
double roundoff(const StoredPoint& point);

/// Whether a number keeps its relative precision in the point's format, below which it is rounded to steps of
/// a fixed size.
bool is_normal(const StoredPoint& point, double value);

/// "at optimizer.learning_rate = 0.01, model.x.law = laplace" or "".
std::string described(const Json& parameters);

/// The point's swept values but for `field`.
Json parameters_beside(const StoredPoint& point, const std::string& field);

/// How far the mean of a drift may lie off by chance beyond K standard errors, which are too small where few
/// trajectories carry it: K^2/N of its size, N those that do (theory::carrying_share). The count of carriers
/// within K standard errors of N is above N - K sqrt(count) - K^2.
inline constexpr const char* few_carriers_text = "K^2/N, N the trajectories that carry the drift";
double few_carriers(const StoredPoint& point, double deviations, double drift);
bool is_carried(const StoredPoint& point, const Json& check, std::size_t comparisons);

// Obstacles (CheckKind::obstacle).
std::string no_obstacle(const Json& check, const Point& point);
/// Of checks of decay alone, sgd or adamw from a point: gradients that would disturb it.
std::string gradient_obstacle(const Json& check, const Point& point);
std::string first_step_obstacle(const Json& check, const Point& point);

}  // namespace bncollapse::study
