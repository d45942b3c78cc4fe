#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "checks/common.hpp"

namespace bncollapse::study {
namespace {

enum class Sign { negative, positive };

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Enumeration<study::Sign> {
  using enum study::Sign;
  static constexpr std::array all{Enumerator{negative, "negative"}, Enumerator{positive, "positive"}};
};

}  // namespace bncollapse::fields

namespace bncollapse::study {
namespace {

/// A drift whose standard error is above this share of the prediction tells too little.
constexpr double default_resolution = 0.1;

/// What the two checks that compare the drift with a prediction are told.
struct ComparedDriftOptions : DriftCheckOptions {
  double factor = 1, resolution = default_resolution;
};

/// In what they differ.
struct DriftPrediction {
  double value, slack;
  std::string slack_source;
  std::string out_of_range;  ///< why the prediction does not hold here; empty where it does
};

Verdict judge_drift(const ComparedDriftOptions& options, const StoredPoint& point,
                    const DriftPrediction& prediction, const std::string& claim, std::size_t comparisons) {
  Verdict verdict = start_verdict(options, claim, point.summary);
  const auto drift = measured_drift(point, options.estimator);
  if (!drift) {
    verdict.note = "the estimator was not recorded";
    return verdict;
  }
  verdict.field = drift->quantity + " at step 1";
  const double value = options.factor * prediction.value;
  Comparison comparison{.measured = drift->mean, .predicted = value};
  comparison.deviations = allowed_deviations(options.false_alarm, comparisons);
  comparison.deviations_source = deviations_text(comparison.deviations, options.false_alarm, comparisons);
  comparison.slack = prediction.slack + few_carriers(point, comparison.deviations, prediction.value);
  comparison.slack_source = prediction.slack_source + " and " + few_carriers_text;
  // A planted factor must not widen what counts as decisive.
  const double size = std::min(std::abs(value), std::abs(prediction.value));
  comparison.largest_error = options.resolution * size;
  comparison.largest_slack = largest_slack_share * size;
  compare(comparison, verdict);
  if (!prediction.out_of_range.empty()) {
    verdict.outcome = Outcome::out_of_range;
    verdict.note = prediction.out_of_range;
  }
  return verdict;
}

double value_of(const StoredPoint& point, const Quantity& quantity) {
  const auto found = predicted(point, quantity);
  return found ? found->value : 0;
}

struct DriftTheorem1 final : Check, ComparedDriftOptions {
  static constexpr std::string_view name = "drift_theorem1";
  static constexpr std::string_view help =
      "the first step's drift against Theorem 1, within standard errors plus "
      "the theorem's own truncation; out of range where that truncation is "
      "above 5 %";

  Obstacle obstacle(const Point& point) const override { return first_step_obstacle(point, estimator); }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      const double theorem1 = value_of(point, quantity::drift_theorem1);
      const auto exact = predicted(point, quantity::drift_exact).value_or(PredictedValue{});
      DriftPrediction prediction{
          theorem1,
          std::abs(theorem1 - exact.value) + exact.error + value_of(point, quantity::rounding),
          "the theorem's truncation |theorem1 - exact|, rounding",
          {}};
      if (!is_in_range(point)) {
        prediction.out_of_range =
            point.summary.approximation
                ? *point.summary.approximation
                : fmt::format(
                      "Theorem 1's {:.3g} is off the exact {:.3g} +- {:.2g} by more than 5 %, or may be, at "
                      "epsilon = {:.3g}",
                      theorem1, exact.value, exact.error, value_of(point, quantity::epsilon));
      }
      verdicts.push_back(
          judge_drift(*this, point, prediction, "Theorem 1: E[ΔP] = epsilon^2 A(u)", run.points.size()));
    }
    return verdicts;
  }
};

struct DriftExact final : Check, ComparedDriftOptions {
  static constexpr std::string_view name = "drift_exact";
  static constexpr std::string_view help = "the first step's drift against the exact expectation";

  Obstacle obstacle(const Point& point) const override { return first_step_obstacle(point, estimator); }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      const auto exact = predicted(point, quantity::drift_exact).value_or(PredictedValue{});
      DriftPrediction prediction{exact.value,
                                 exact.error + value_of(point, quantity::rounding),
                                 "the quadrature's error, rounding",
                                 {}};
      if (point.summary.approximation) prediction.out_of_range = *point.summary.approximation;
      verdicts.push_back(judge_drift(*this, point, prediction, "exact one-step drift", run.points.size()));
    }
    return verdicts;
  }
};

struct EvenLawNegative final : Check, DriftCheckOptions {
  static constexpr std::string_view name = "even_law_negative";
  static constexpr std::string_view help =
      "the first step's mean drift over an even law of beta/gamma: its sign, "
      "and its size against the exact one";
  Sign expect = Sign::negative;

  Obstacle obstacle(const Point& point) const override {
    const auto& initial = point.experiment.initial;
    if (!std::holds_alternative<sim::InitialEvenRatio>(initial)) return "needs initial.kind even_ratio";
    return first_step_obstacle(point, estimator);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    const std::size_t comparisons = 2 * run.points.size();
    const double deviations = allowed_deviations(false_alarm, comparisons);
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      Verdict sign = start_verdict(
          *this, fmt::format("the mean drift over an even law of beta/gamma is {}", fields::name_of(expect)),
          point.summary);
      const auto drift = measured_drift(point, estimator);
      if (!drift) {
        sign.note = "the estimator was not recorded";
        verdicts.push_back(std::move(sign));
        continue;
      }
      const auto& [mean, standard_error, count] = drift->mean;
      sign.field = "sign of " + drift->quantity + " at step 1";
      sign.measured = mean;
      sign.standard_error = standard_error;
      sign.deviation = standard_error > 0 ? mean / standard_error : 0;
      sign.tolerance = deviations * standard_error + value_of(point, quantity::rounding);
      sign.tolerance_source =
          deviations_text(deviations, false_alarm, comparisons) + " and rounding, away from 0";
      if (std::abs(mean) <= sign.tolerance) {
        sign.note = "the drift cannot be told from 0: take more trajectories";
      } else {
        sign.outcome = (mean < 0) == (expect == Sign::negative) ? Outcome::pass : Outcome::fail;
      }
      verdicts.push_back(std::move(sign));

      const auto exact = predicted(point, quantity::drift_exact);
      if (!exact) continue;
      Verdict size = start_verdict(*this, "it equals the exact drift averaged over the law", point.summary);
      size.field = drift->quantity + " at step 1";
      compare({.measured = drift->mean,
               .predicted = exact->value,
               .deviations = deviations,
               .deviations_source = deviations_text(deviations, false_alarm, comparisons),
               .slack = exact->error + value_of(point, quantity::rounding) +
                        few_carriers(point, deviations, exact->value),
               .slack_source = std::string("the quadrature's error, rounding and ") + few_carriers_text,
               .largest_error = default_resolution * std::abs(exact->value),
               .largest_slack = largest_slack_share * std::abs(exact->value)},
              size);
      if (point.summary.approximation) {
        size.outcome = Outcome::out_of_range;
        size.note = *point.summary.approximation;
      }
      verdicts.push_back(std::move(size));
    }
    return verdicts;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::ComparedDriftOptions> {
  using Struct = study::ComparedDriftOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::DriftCheckOptions>::all,
      std::tuple{
          field("factor", &Struct::factor,
                "the predicted drift is this many times the theory's; other than 1 is a deliberately "
                "false prediction"),
          field("resolution", &Struct::resolution,
                "inconclusive where the standard error is above this share of the prediction", above(0))});
};
template <>
struct Fields<study::DriftTheorem1> : Fields<study::ComparedDriftOptions> {};
template <>
struct Fields<study::DriftExact> : Fields<study::ComparedDriftOptions> {};

template <>
struct Fields<study::EvenLawNegative> {
  using Struct = study::EvenLawNegative;
  static constexpr auto all = std::tuple_cat(Fields<study::DriftCheckOptions>::all,
                                             std::tuple{field("expect", &Struct::expect, "sign")});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

std::vector<CheckKind> drift_checks() {
  return {check_kind<DriftTheorem1>(), check_kind<DriftExact>(), check_kind<EvenLawNegative>()};
}

}  // namespace bncollapse::study
