#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bncollapse/study/quantity.hpp"
#include "bncollapse/study/stored_run.hpp"
#include "checks/options.hpp"
#include "checks/statistics.hpp"

namespace bncollapse::study {

/// What every check of a neuron is told.
struct NeuronCheckOptions : CheckOptions {
  double false_alarm = 1e-4;
};

enum class DriftEstimator { best, plain, antithetic, control_variate };

/// What every check of the drift is told.
struct DriftCheckOptions : NeuronCheckOptions {
  DriftEstimator estimator = DriftEstimator::best;
};

/// A verdict about one point, whose swept values the claim ends with.
Verdict start_verdict(const CheckOptions& options, const std::string& claim, const PointSummary& point);

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

/// By the chosen estimator; `best` is the recorded one with the smallest standard error (its choice hardly
/// depends on the estimates: standard errors are known to a relative 1/sqrt(2 count)). Nothing where the
/// estimator was not recorded.
std::optional<MeasuredDrift> measured_drift(const StoredPoint& point, DriftEstimator wanted);

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
bool is_carried(const StoredPoint& point, double false_alarm, std::size_t comparisons);

// Obstacles (Check::obstacle).
/// "; did you mean ...?" of the swept fields; empty where none is like it.
std::string likely_field(const std::string& field, const Point& point);
/// Of checks of decay alone, sgd or adamw from a point: gradients that would disturb it.
Obstacle gradient_obstacle(double false_alarm, const Point& point);
/// Of checks of the first step's drift.
Obstacle first_step_obstacle(const Point& point, DriftEstimator estimator = DriftEstimator::best);

}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Enumeration<study::DriftEstimator> {
  using enum study::DriftEstimator;
  static constexpr std::array all{Enumerator{best, "best"}, Enumerator{plain, "plain"},
                                  Enumerator{antithetic, "antithetic"},
                                  Enumerator{control_variate, "control_variate"}};
};

template <>
struct Fields<study::NeuronCheckOptions> {
  using Struct = study::NeuronCheckOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::CheckOptions>::all,
      std::tuple{field("false_alarm", &Struct::false_alarm,
                       "probability that chance alone fails a true prediction", above_to(0, 0.5))});
};

template <>
struct Fields<study::DriftCheckOptions> {
  using Struct = study::DriftCheckOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NeuronCheckOptions>::all,
      std::tuple{
          field("estimator", &Struct::estimator,
                "which estimate of the drift; best: the recorded one with the smallest standard error"),
          field("allow_out_of_range", &Struct::allow_out_of_range,
                "points outside Theorem 1's range are wanted: they do not make the run inconclusive")});
};

}  // namespace bncollapse::fields
