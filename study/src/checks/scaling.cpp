#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checks/common.hpp"

namespace bncollapse::study {
namespace {

/// Half of a 95 % confidence interval in standard errors: the normal law's 97.5 % quantile.
const double confidence_95 = allowed_deviations(0.05, 1);

/// One point of a log-log fit: ln |y| has the standard error s / |y|.
MeasuredPoint log_log(double x, const sim::Mean& y) {
  return {std::log(x), std::log(std::abs(y.mean)), y.standard_error / std::abs(y.mean)};
}

bool can_be_fitted(const std::vector<MeasuredPoint>& points) {
  for (const MeasuredPoint& point : points) {
    if (!(point.standard_error > 0) || !std::isfinite(point.standard_error) || !std::isfinite(point.y))
      return false;
  }
  return points.size() >= 2 && points.front().x != points.back().x;
}

/// A fitted exponent or prefactor against its expectation: pass within the tolerance; fail where it is
/// outside by more than K standard errors; inconclusive in between, or where the confidence interval is wider
/// than the tolerance.
void judge_fitted(double value, double standard_error, double expected, const Json& check,
                  std::size_t comparisons, Verdict& verdict) {
  const double tolerance = check.at("tolerance"), false_alarm = check.at("false_alarm");
  const double deviations = allowed_deviations(false_alarm, comparisons);
  const double half_width = confidence_95 * standard_error;
  const double difference = std::abs(value - expected);
  verdict.measured = value;
  verdict.standard_error = standard_error;
  verdict.predicted = expected;
  verdict.deviation = (value - expected) / standard_error;
  verdict.tolerance = tolerance;
  verdict.tolerance_source = fmt::format("the spec's tolerance; fail beyond it by more than {}",
                                         deviations_text(deviations, false_alarm, comparisons));
  verdict.note = fmt::format("95 % confidence interval {:.5g} +- {:.2g}", value, half_width);
  if (difference > tolerance + deviations * standard_error) {
    verdict.outcome = Outcome::fail;
  } else if (difference <= tolerance && half_width <= tolerance) {
    verdict.outcome = Outcome::pass;
  } else {
    verdict.note += ", too wide for the tolerance: take more trajectories or a longer range";
  }
}

/// Points in range, and the drifts of those that enough trajectories carry.
struct Drifts {
  std::size_t in_range = 0;
  std::vector<std::pair<const StoredPoint*, sim::Mean>> carried;

  void add(const StoredPoint& point, const Json& check, std::size_t comparisons) {
    const auto drift = measured_drift(point, check);
    if (!drift || !is_in_range(point)) return;
    ++in_range;
    if (is_carried(point, check, comparisons)) carried.emplace_back(&point, drift->mean);
  }
};

/// By the values of the swept fields other than `field`.
using Groups = std::map<Json, Drifts>;

Groups grouped_drifts(const Json& check, const StoredRun& run, const std::string& field) {
  Groups groups;
  for (const StoredPoint& point : run.points) {
    groups[parameters_beside(point, field)].add(point, check, run.points.size());
  }
  return groups;
}

std::string exponent_obstacle(const Json& check, const Point& point) {
  const auto field = check.at("of").get<std::string>();
  const Json& parameters = point.summary.parameters;
  if (!parameters.contains(field))
    return fmt::format("fits the exponent of {}, which the sweep does not move", field);
  if (!parameters.at(field).is_number()) return fmt::format("fits an exponent: {} must be a number", field);
  if (parameters.at(field).get<double>() <= 0)
    return fmt::format("needs values of {} above 0 for its logarithm", field);
  return first_step_obstacle(check, point);
}

std::vector<Verdict> judge_exponent(const Json& check, const StoredRun& run) {
  const auto field = check.at("of").get<std::string>();
  std::vector<Verdict> verdicts;
  const Groups groups = grouped_drifts(check, run, field);
  for (const auto& [others, drifts] : groups) {
    const double expected = check.at("expect");
    Verdict verdict =
        start_verdict(check, fmt::format("the drift goes as {}^{:g}", field, expected), described(others));
    verdict.field = "slope of ln |drift| over ln " + field;
    std::vector<MeasuredPoint> points;
    for (const auto& [point, drift] : drifts.carried) {
      points.push_back(log_log(point->summary.parameters.at(field).get<double>(), drift));
    }
    if (can_be_fitted(points)) {
      const LineFit fit = fit_line(points);
      judge_fitted(fit.slope, fit.slope_error, expected, check, groups.size(), verdict);
      verdict.note += fmt::format("; {} points in range, chi^2 {:.1f}", points.size(), fit.chi_squared);
    } else {
      verdict.predicted = expected;
      verdict.note = fmt::format(
          "{} points in Theorem 1's range have enough active trajectories for a fit; two are needed at least",
          points.size());
      verdict.outcome = drifts.in_range == 0 ? Outcome::out_of_range : Outcome::inconclusive;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::vector<Verdict> judge_collapse(const Json& check, const StoredRun& run) {
  Drifts drifts;
  for (const StoredPoint& point : run.points) drifts.add(point, check, run.points.size());
  std::vector<MeasuredPoint> points;
  for (const auto& [point, drift] : drifts.carried) {
    const double coefficient = predicted(*point, quantity::drift_coefficient)->value;
    const sim::Mean reduced{drift.mean / coefficient, drift.standard_error / std::abs(coefficient),
                            drift.count};
    points.push_back(log_log(predicted(*point, quantity::epsilon)->value, reduced));
  }
  Verdict exponent = start_verdict(check, "drift / A(u) of all points lies on one power of epsilon");
  exponent.field = "slope of ln (drift / A(u)) over ln epsilon";
  Verdict prefactor = start_verdict(check, "drift / (A(u) epsilon^2) is 1 at all points");
  prefactor.field = "weighted mean of ln (drift / (A(u) epsilon^2))";
  const double expected = check.at("expect");
  if (!can_be_fitted(points)) {
    for (Verdict* verdict : {&exponent, &prefactor}) {
      verdict->note = fmt::format(
          "{} points in Theorem 1's range have enough active trajectories for a fit; two are needed at least",
          points.size());
      verdict->outcome = drifts.in_range == 0 ? Outcome::out_of_range : Outcome::inconclusive;
    }
    return {exponent, prefactor};
  }
  const LineFit fit = fit_line(points);
  judge_fitted(fit.slope, fit.slope_error, expected, check, 2, exponent);
  exponent.note += fmt::format("; {} points in range, chi^2 {:.1f}", points.size(), fit.chi_squared);

  double weights = 0, mean = 0;
  for (const MeasuredPoint& point : points) {
    const double weight = 1 / (point.standard_error * point.standard_error);
    weights += weight;
    mean += weight * (point.y - expected * point.x);
  }
  judge_fitted(mean / weights, 1 / std::sqrt(weights), 0, check, 2, prefactor);
  return {exponent, prefactor};
}

FieldSchema tolerance_field() {
  return number("allowed deviation; also the widest half of the 95 % confidence interval", above(0))
      .defaults_to(0.01);
}

}  // namespace

std::vector<CheckKind> scaling_checks() {
  return {
      {"exponent",
       "the exponent of the first step's drift in a swept field, by a weighted log-log fit over the points "
       "in Theorem "
       "1's range; one verdict for each combination of the other swept fields",
       drift_check_fields({{"of", text("the swept field, for example optimizer.learning_rate")},
                           {"expect", number("predicted exponent")},
                           {"tolerance", tolerance_field()}}),
       exponent_obstacle, judge_exponent},
      {"data_collapse",
       "drift / A(u) of all points in Theorem 1's range against epsilon: the exponent, and the prefactor 1",
       drift_check_fields({{"expect", number("predicted exponent of epsilon").defaults_to(2)},
                           {"tolerance", tolerance_field()}}),
       first_step_obstacle, judge_collapse}};
}

}  // namespace bncollapse::study
