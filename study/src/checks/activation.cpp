#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "bncollapse/study/prediction.hpp"
#include "checks/common.hpp"

namespace bncollapse::study {
namespace {

/// The recorded times' survival function at the ends of their bins, beside the predicted one.
struct Survival {
  double distance = 0;  ///< largest |measured - predicted|
  std::int64_t distance_step = 0;
  double contrast = 0;  ///< largest difference that three times the rate of activation would make
  double never_measured = 0, never_predicted = 1;
  double never_contrast = 0;
};

/// Whether a rate wrong by a factor of 3 would have been seen. Where Pr[T > t] is almost 0 or 1 at each
/// step that is looked at, it would not.
bool tells(double contrast, double tolerance) { return contrast > 2 * tolerance; }

Survival compare_survival(const TimeCounts& times, const std::map<std::int64_t, double>& predicted,
                          std::int64_t steps, double factor) {
  Survival result;
  const double total = static_cast<double>(times.total());
  std::int64_t active = 0;
  for (std::size_t bin = 0; bin < times.counts.size(); ++bin) {
    active += times.counts[bin];
    const std::int64_t end = std::min(steps, static_cast<std::int64_t>(bin + 1) * times.width);
    const auto at = predicted.find(end);
    if (at == predicted.end()) continue;
    result.never_contrast = at->second - std::pow(at->second, 3);
    result.contrast = std::max(result.contrast, result.never_contrast);
    result.never_measured = 1 - static_cast<double>(active) / total;
    result.never_predicted = std::pow(at->second, factor);
    const double distance = std::abs(result.never_measured - result.never_predicted);
    if (distance > result.distance) result.distance = distance, result.distance_step = end;
  }
  return result;
}

Verdict judge_distance(const CheckOptions& options, const StoredPoint& point, const Survival& survival,
                       std::int64_t count, double false_alarm) {
  /// A distance that could hide as much as this of the law tells too little.
  constexpr double largest_allowed = 0.05;
  Verdict verdict = start_verdict(options, "first activation: Pr[T > t] = prod (1 - P_j)^m", point.summary);
  verdict.field =
      fmt::format("Kolmogorov-Smirnov distance of first_activation, at step {}", survival.distance_step);
  verdict.measured = survival.distance;
  verdict.standard_error = 0.5 / std::sqrt(static_cast<double>(count));
  verdict.predicted = 0;
  verdict.deviation = survival.distance / verdict.standard_error;
  verdict.tolerance = allowed_distance(false_alarm, count);
  verdict.tolerance_source = fmt::format(
      "Dvoretzky-Kiefer-Wolfowitz bound for {} times (false-alarm rate {:.2g})", count, false_alarm);
  verdict.note = fmt::format("p-value at most {:.2g}", distance_p_value(survival.distance, count));
  if (survival.distance > verdict.tolerance) {
    verdict.outcome = Outcome::fail;
  } else if (verdict.tolerance > largest_allowed) {
    verdict.note += "; too few trajectories to tell";
  } else if (!tells(survival.contrast, verdict.tolerance)) {
    verdict.outcome = Outcome::out_of_range;
    verdict.note += fmt::format(
        "; three times the rate would make a difference of {:.2g} alone: Pr[T > t] is almost 0 or 1 at the "
        "end of each bin; take steps within which part of the neurons become active",
        survival.contrast);
  } else {
    verdict.outcome = Outcome::pass;
  }
  return verdict;
}

Verdict judge_never(const CheckOptions& options, const StoredPoint& point, const Survival& survival,
                    std::int64_t count, double false_alarm) {
  Verdict verdict = start_verdict(options, "share never activated", point.summary);
  verdict.field = fmt::format("share of first_activation above {} steps", point.summary.steps);
  const double n = static_cast<double>(count), p = survival.never_predicted;
  const double deviations = allowed_deviations(false_alarm, 1);
  compare({.measured = {survival.never_measured, std::sqrt(p * (1 - p) / n), count},
           .predicted = p,
           .deviations = deviations,
           .deviations_source = fmt::format("{:.2f} binomial standard errors", deviations),
           // The binomial law's tail beyond the normal one, where few are expected on one side.
           .slack = deviations * deviations / n,
           .slack_source = "a count's skewness K^2/n",
           .largest_error = 0.01,
           .largest_slack = 0.05},
          verdict);
  return verdict;
}

/// P of a BN neuron under decay moves only by rounding: u is a ratio of two products of t factors, known to a
/// relative 4 t r, and the prediction `rounding` is P's change by a relative r of it, at least.
double rounding_of_probability(const StoredPoint& point, std::int64_t step) {
  const auto rounding = predicted(point, quantity::rounding);
  return rounding ? rounding->value * (4 * static_cast<double>(step) + 16) : 0;
}

struct ReactivationTimes final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "reactivation_times";
  static constexpr std::string_view help =
      "the law of the first active sample's step under decay alone: Kolmogorov-Smirnov distance"
      " over the recorded histogram, and the share never activated";
  double factor = 1;

  Obstacle obstacle(const Point& point) const override {
    const sim::Experiment& experiment = point.experiment;
    if (!experiment.recording.first_activation) return "needs simulation.first_activation true";
    if (!exponential_decay(experiment)) {
      return "needs optimizer.name sgd (or adamw without a first moment) and a constant learning rate";
    }
    if (!std::holds_alternative<sim::InitialPoint>(experiment.initial)) return "needs initial.kind point";
    const theory::Noise& noise = experiment.model.noise;
    if (experiment.model.leak != 0 && (noise.std != 0 || noise.mean != 0)) {
      return "needs model.leak 0: with a leak an inactive sample has a gradient too";
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    const double share = false_alarm / (2 * static_cast<double>(run.points.size()));
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      const auto times = point.times.find(quantity::first_activation);
      const auto series = point.series.find(quantity::first_activation_survival);
      if (times == point.times.end() || series == point.series.end()) {
        verdicts.push_back(start_verdict(*this, "first activation", point.summary));
        verdicts.back().note = "first activation was not recorded or is not predicted";
        continue;
      }
      const Survival survival = compare_survival(times->second, series->second, point.summary.steps, factor);
      const std::int64_t count = times->second.total();
      verdicts.push_back(judge_distance(*this, point, survival, count, share));
      // Where it can tell nothing, the distance, which holds the last step, says so.
      const Verdict never = judge_never(*this, point, survival, count, share);
      if (never.outcome == Outcome::fail || tells(survival.never_contrast, never.tolerance))
        verdicts.push_back(never);
    }
    return verdicts;
  }
};

struct NoReactivation final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "no_reactivation";
  static constexpr std::string_view help = "BN: decay alone does not move P, at the last recorded step";

  Obstacle obstacle(const Point& point) const override {
    if (point.experiment.model.alpha != 0) return "is about plain BN: needs model.alpha 0";
    if (!exponential_decay(point.experiment)) {
      return "needs optimizer.name sgd (or adamw without a first moment) and a constant learning rate";
    }
    if (point.summary.gamma == 0) return "needs initial.gamma other than 0";
    if (!std::holds_alternative<sim::InitialPoint>(point.experiment.initial))
      return "needs initial.kind point";
    return gradient_obstacle(false_alarm, point);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      Verdict verdict = start_verdict(*this, "BN: decay alone leaves P where it is", point.summary);
      const auto& probabilities = estimates(point, quantity::probability);
      const auto start = predicted(point, quantity::activation_probability);
      if (probabilities.empty() || !start) {
        verdict.note = "nothing was recorded";
        verdicts.push_back(std::move(verdict));
        continue;
      }
      const auto& [step, last] = *probabilities.rbegin();
      const auto& gammas = estimates(point, quantity::gamma);
      if (const auto at = gammas.find(step); at != gammas.end() && !is_normal(point, at->second.mean)) {
        verdict.note = "gamma is no normal floating-point number any more; take fewer steps";
        verdicts.push_back(std::move(verdict));
        continue;
      }
      Comparison comparison{.measured = last, .predicted = start->value};
      comparison.deviations = allowed_deviations(false_alarm, run.points.size());
      comparison.deviations_source = deviations_text(comparison.deviations, false_alarm, run.points.size());
      comparison.slack = rounding_of_probability(point, step);
      comparison.slack_source = "rounding of u over the steps";
      comparison.largest_error = 0.1 * start->value;
      comparison.largest_slack = largest_slack_share * start->value;
      verdict.field = fmt::format("{} at step {}", quantity::probability.name, step);
      compare(comparison, verdict);
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::ReactivationTimes> {
  using Struct = study::ReactivationTimes;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NeuronCheckOptions>::all,
      std::tuple{
          field(
              "factor", &Struct::factor,
              "the predicted ln Pr[T > t] is this many times the theory's; other than 1 is a deliberately false prediction",
              above(0)),
          field(
              "allow_out_of_range", &Struct::allow_out_of_range,
              "points at which almost all neurons become active or almost none are wanted: they do not make the run inconclusive")});
};
template <>
struct Fields<study::NoReactivation> : Fields<study::NeuronCheckOptions> {};

}  // namespace bncollapse::fields

namespace bncollapse::study {

std::vector<CheckKind> activation_checks() {
  return {check_kind<ReactivationTimes>(), check_kind<NoReactivation>()};
}

}  // namespace bncollapse::study
