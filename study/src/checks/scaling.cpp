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

/// What the checks of a fit are told.
struct FitOptions : DriftCheckOptions {
  double tolerance = 0.01;
};

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
void judge_fitted(double value, double standard_error, double expected, const FitOptions& options,
                  std::size_t comparisons, Verdict& verdict) {
  const double deviations = allowed_deviations(options.false_alarm, comparisons);
  const double half_width = confidence_95 * standard_error;
  const double difference = std::abs(value - expected);
  verdict.measured = value;
  verdict.standard_error = standard_error;
  verdict.predicted = expected;
  verdict.deviation = (value - expected) / standard_error;
  verdict.tolerance = options.tolerance;
  verdict.tolerance_source = fmt::format("the spec's tolerance; fail beyond it by more than {}",
                                         deviations_text(deviations, options.false_alarm, comparisons));
  verdict.note = fmt::format("95 % confidence interval {:.5g} +- {:.2g}", value, half_width);
  if (difference > options.tolerance + deviations * standard_error) {
    verdict.outcome = Outcome::fail;
  } else if (difference <= options.tolerance && half_width <= options.tolerance) {
    verdict.outcome = Outcome::pass;
  } else {
    verdict.note += ", too wide for the tolerance: take more trajectories or a longer range";
  }
}

/// Points in range, and the drifts of those that enough trajectories carry.
struct Drifts {
  std::size_t in_range = 0;
  std::vector<std::pair<const StoredPoint*, sim::Mean>> carried;

  void add(const StoredPoint& point, const FitOptions& options, std::size_t comparisons) {
    const auto drift = measured_drift(point, options.estimator);
    if (!drift || !is_in_range(point)) return;
    ++in_range;
    if (is_carried(point, options.false_alarm, comparisons)) carried.emplace_back(&point, drift->mean);
  }
};

/// By the values of the swept fields other than `field`.
using Groups = std::map<Json, Drifts>;

Groups grouped_drifts(const FitOptions& options, const StoredRun& run, const std::string& field) {
  Groups groups;
  for (const StoredPoint& point : run.points) {
    groups[parameters_beside(point, field)].add(point, options, run.points.size());
  }
  return groups;
}

struct Exponent final : Check, FitOptions {
  static constexpr std::string_view name = "exponent";
  static constexpr std::string_view help =
      "the exponent of the first step's drift in a swept field, by a weighted log-log fit over "
      "the points in Theorem 1's range; one verdict for each combination of the other swept "
      "fields";
  std::string of;
  double expect = 0;

  Obstacle obstacle(const Point& point) const override {
    const Json& parameters = point.summary.parameters;
    if (!parameters.contains(of))
      return {fmt::format("fits the exponent of {}, which the sweep does not move{}", of,
                          likely_field(of, point)),
              "of"};
    if (!parameters.at(of).is_number())
      return {fmt::format("fits an exponent: {} must be a number", of), "of"};
    if (parameters.at(of).get<double>() <= 0)
      return {fmt::format("needs values of {} above 0 for its logarithm", of), "of"};
    return first_step_obstacle(point, estimator);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    const Groups groups = grouped_drifts(*this, run, of);
    for (const auto& [others, drifts] : groups) {
      Verdict verdict =
          start_verdict(*this, fmt::format("the drift goes as {}^{:g}", of, expect), described(others));
      verdict.field = "slope of ln |drift| over ln " + of;
      std::vector<MeasuredPoint> points;
      for (const auto& [point, drift] : drifts.carried) {
        points.push_back(log_log(point->summary.parameters.at(of).get<double>(), drift));
      }
      if (can_be_fitted(points)) {
        const LineFit fit = fit_line(points);
        judge_fitted(fit.slope, fit.slope_error, expect, *this, groups.size(), verdict);
        verdict.note += fmt::format("; {} points in range, chi^2 {:.1f}", points.size(), fit.chi_squared);
      } else {
        verdict.predicted = expect;
        verdict.note = fmt::format(
            "{} points in Theorem 1's range have enough active trajectories for a fit; two are needed at least",
            points.size());
        verdict.outcome = drifts.in_range == 0 ? Outcome::out_of_range : Outcome::inconclusive;
      }
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }
};

struct DataCollapse final : Check, FitOptions {
  static constexpr std::string_view name = "data_collapse";
  static constexpr std::string_view help =
      "drift / A(u) of all points in Theorem 1's range against epsilon: the exponent, and the "
      "prefactor 1";
  double expect = 2;

  Obstacle obstacle(const Point& point) const override { return first_step_obstacle(point, estimator); }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    Drifts drifts;
    for (const StoredPoint& point : run.points) drifts.add(point, *this, run.points.size());
    std::vector<MeasuredPoint> points;
    for (const auto& [point, drift] : drifts.carried) {
      const double coefficient = predicted(*point, quantity::drift_coefficient)->value;
      const sim::Mean reduced{drift.mean / coefficient, drift.standard_error / std::abs(coefficient),
                              drift.count};
      points.push_back(log_log(predicted(*point, quantity::epsilon)->value, reduced));
    }
    Verdict exponent = start_verdict(*this, "drift / A(u) of all points lies on one power of epsilon");
    exponent.field = "slope of ln (drift / A(u)) over ln epsilon";
    Verdict prefactor = start_verdict(*this, "drift / (A(u) epsilon^2) is 1 at all points");
    prefactor.field = "weighted mean of ln (drift / (A(u) epsilon^2))";
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
    judge_fitted(fit.slope, fit.slope_error, expect, *this, 2, exponent);
    exponent.note += fmt::format("; {} points in range, chi^2 {:.1f}", points.size(), fit.chi_squared);

    double weights = 0, mean = 0;
    for (const MeasuredPoint& point : points) {
      const double weight = 1 / (point.standard_error * point.standard_error);
      weights += weight;
      mean += weight * (point.y - expect * point.x);
    }
    judge_fitted(mean / weights, 1 / std::sqrt(weights), 0, *this, 2, prefactor);
    return {exponent, prefactor};
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::Exponent> {
  using Struct = study::Exponent;
  static constexpr auto all = std::tuple_cat(
      Fields<study::DriftCheckOptions>::all,
      std::tuple{field("of", &Struct::of, "the swept field, for example optimizer.learning_rate", Required{}),
                 field("expect", &Struct::expect, "predicted exponent", Required{}),
                 field("tolerance", &Struct::tolerance,
                       "allowed deviation; also the widest half of the 95 % confidence interval", above(0))});
};

template <>
struct Fields<study::DataCollapse> {
  using Struct = study::DataCollapse;
  static constexpr auto all = std::tuple_cat(
      Fields<study::DriftCheckOptions>::all,
      std::tuple{field("expect", &Struct::expect, "predicted exponent of epsilon"),
                 field("tolerance", &Struct::tolerance,
                       "allowed deviation; also the widest half of the 95 % confidence interval", above(0))});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

std::vector<CheckKind> scaling_checks() { return {check_kind<Exponent>(), check_kind<DataCollapse>()}; }

}  // namespace bncollapse::study
