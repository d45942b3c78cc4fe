#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "bncollapse/study/prediction.hpp"
#include "checks/common.hpp"

namespace bncollapse::study {
namespace {

/// What the checks of a predicted rate or time are told.
struct FactorOptions : NeuronCheckOptions {
  double factor = 1;
};

/// A measurement that gradients disturb by more than this tells nothing about decay.
constexpr double largest_relative_error = 1e-3;

Obstacle decay_obstacle(const Point& point, double false_alarm) {
  if (!exponential_decay(point.experiment) || point.experiment.optimizer.weight_decay == 0) {
    return "needs optimizer.name sgd (or adamw without a first moment), weight_decay above 0 and a constant "
           "learning rate";
  }
  if (!std::holds_alternative<sim::InitialPoint>(point.experiment.initial)) return "needs initial.kind point";
  if (point.summary.gamma == 0) return "needs initial.gamma other than 0";
  return gradient_obstacle(false_alarm, point);
}

/// Rounding of a product of t factors, each rounded twice: 2 t r.
double rounding_of_product(const StoredPoint& point, std::int64_t step) {
  return 2 * roundoff(point) * static_cast<double>(std::max<std::int64_t>(step, 1));
}

std::string rounding_text(const StoredPoint& point) {
  return fmt::format("rounding, twice {:.2g} per step", roundoff(point));
}

/// A relative deviation from the prediction, at the step where it is largest against its tolerance.
struct WorstStep {
  std::int64_t step = -1;
  double deviation = 0, standard_error = 0, slack = 0, largest_slack = 0, tolerance = 0;

  /// @param effect  relative size of what a false prediction would get wrong by then; a step whose slack is
  /// too large a share of it is considered only where it fails even so, or where there is no other.
  void consider(std::int64_t at, double relative, double error, double deviations, double rounding,
                double effect) {
    const double allowed = deviations * error + rounding, largest = largest_slack_share * effect;
    const bool decides = rounding <= largest || std::abs(relative) > allowed;
    const bool decided = slack <= largest_slack || std::abs(deviation) > tolerance;
    if (step >= 0 && decided && !decides) return;
    const bool worse = std::abs(relative) / allowed > std::abs(deviation) / tolerance;
    if (step >= 0 && decided == decides && !worse) return;
    step = at, deviation = relative, standard_error = error, slack = rounding, largest_slack = largest,
    tolerance = allowed;
  }
};

Verdict judge_worst(const CheckOptions& options, const StoredPoint& point, const std::string& claim,
                    const std::string& field, const WorstStep& worst, double deviations) {
  Verdict verdict = start_verdict(options, claim, point.summary);
  if (worst.step < 0) {
    verdict.note =
        "no recorded step after the start at which gamma and beta are normal floating-point numbers";
    return verdict;
  }
  verdict.field = fmt::format("{} at step {}", field, worst.step);
  compare({.measured = {worst.deviation, worst.standard_error, point.summary.trajectories},
           .predicted = 0,
           .deviations = deviations,
           .deviations_source = fmt::format("{:.2f} standard errors", deviations),
           .slack = worst.slack,
           .slack_source = rounding_text(point),
           .largest_error = largest_relative_error,
           .largest_slack = worst.largest_slack},
          verdict);
  return verdict;
}

/// Steps that a float format's rounding may move the crossing by: gamma is known to a relative 2 t r, and
/// falls by a share of at least 1/t of itself a step near t (it is convex from 1 to a small threshold over t
/// steps).
double rounding_of_time(const StoredPoint& point, double steps) {
  return 1 + 2 * roundoff(point) * steps * steps;
}

struct DecayRatio final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "decay_ratio";
  static constexpr std::string_view help = "weight decay alone keeps beta/gamma, at every recorded step";

  Obstacle obstacle(const Point& point) const override {
    if (point.summary.beta == 0) return "needs initial.beta other than 0";
    return decay_obstacle(point, false_alarm);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      const auto& gammas = estimates(point, quantity::gamma);
      const auto& betas = estimates(point, quantity::beta);
      const double deviations = allowed_deviations(false_alarm, run.points.size() * gammas.size());
      const double start = point.summary.beta / point.summary.gamma;
      WorstStep worst;
      for (const auto& [step, gamma] : gammas) {
        const auto beta = betas.find(step);
        if (step == 0 || beta == betas.end() || !is_normal(point, gamma.mean) ||
            !is_normal(point, beta->second.mean))
          continue;
        const double relative = beta->second.mean / gamma.mean / start - 1;
        // Both means are of the same trajectories: however they depend on each other, the sum bounds it.
        const double error = std::abs(gamma.standard_error / gamma.mean) +
                             std::abs(beta->second.standard_error / beta->second.mean);
        worst.consider(step, relative, error, deviations, 2 * rounding_of_product(point, step), 1);
      }
      verdicts.push_back(judge_worst(*this, point, "weight decay keeps beta/gamma",
                                     "relative change of beta/gamma", worst, deviations));
    }
    return verdicts;
  }
};

struct DecayRate final : Check, FactorOptions {
  static constexpr std::string_view name = "decay_rate";
  static constexpr std::string_view help =
      "gamma of an inactive neuron goes as (1 - eta lambda)^t, at every recorded step";

  Obstacle obstacle(const Point& point) const override { return decay_obstacle(point, false_alarm); }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      const auto& gammas = estimates(point, quantity::gamma);
      const auto series = point.series.find(quantity::gamma);
      const double deviations = allowed_deviations(false_alarm, run.points.size() * gammas.size());
      WorstStep worst;
      for (const auto& [step, gamma] : gammas) {
        if (step == 0 || series == point.series.end() || !series->second.contains(step) ||
            !is_normal(point, series->second.at(step)))
          continue;
        const double decayed =
            std::pow(series->second.at(step) / point.summary.gamma, factor) * point.summary.gamma;
        const double error = gamma.standard_error / std::abs(decayed);
        // ln of gamma's ratio, which a false rate multiplies.
        const double effect =
            std::min(1.0, std::abs(std::log(series->second.at(step) / point.summary.gamma)));
        worst.consider(step, gamma.mean / decayed - 1, error, deviations, rounding_of_product(point, step),
                       effect);
      }
      verdicts.push_back(judge_worst(*this, point, "gamma_t = gamma_0 (1 - eta lambda)^t",
                                     "relative deviation of gamma", worst, deviations));
    }
    return verdicts;
  }
};

struct HalfTime final : Check, FactorOptions {
  static constexpr std::string_view name = "half_time";
  static constexpr std::string_view help = "psBN under decay alone: the step at which P crosses 1/2";

  Obstacle obstacle(const Point& point) const override {
    if (Obstacle obstacle = decay_obstacle(point, false_alarm)) return obstacle;
    const theory::Neuron start = mean_initial_neuron(point.experiment);
    if (!theory::half_activation_time(*point.experiment.model.x_law, start,
                                      *exponential_decay(point.experiment))) {
      return "needs psBN with initial.beta + M initial.gamma < -model.alpha < 0, M the median of x, else P "
             "never crosses 1/2";
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    constexpr double widest_bracket = 0.05;
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      Verdict verdict = start_verdict(
          *this, "P_t = 1/2 at t_half = ln(alpha/|beta_0 + M gamma_0|) / ln(1 - eta lambda)", point.summary);
      verdict.field = "step at which P crosses 1/2";
      const double t_half = factor * predicted(point, quantity::t_half)->value;
      verdict.predicted = t_half;
      const auto& probabilities = estimates(point, quantity::probability);
      const auto after = std::find_if(probabilities.begin(), probabilities.end(),
                                      [](const auto& entry) { return entry.second.mean >= 0.5; });
      if (after == probabilities.begin() || after == probabilities.end()) {
        verdict.note = "P does not cross 1/2 between two recorded steps; run for more steps";
        verdicts.push_back(std::move(verdict));
        continue;
      }
      const auto before = std::prev(after);
      const double from = static_cast<double>(before->first),
                   width = static_cast<double>(after->first) - from;
      const double share = (0.5 - before->second.mean) / (after->second.mean - before->second.mean);
      compare({.measured = {from + share * width, 0, point.summary.trajectories},
               .predicted = t_half,
               .slack = width,
               .slack_source = "steps between the two records around the crossing",
               .largest_error = 0,
               .largest_slack = widest_bracket * t_half},
              verdict);
      if (verdict.outcome == Outcome::inconclusive) verdict.note += ": record more steps around the crossing";
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }
};

struct OptimizerDecayTime final : Check, FactorOptions {
  static constexpr std::string_view name = "optimizer_decay_time";
  static constexpr std::string_view help =
      "the step at which an inactive neuron's |gamma| falls below its threshold, by the "
      "optimizer's own recursion";

  Obstacle obstacle(const Point& point) const override {
    const sim::Experiment& experiment = point.experiment;
    if (!experiment.recording.collapse_time) return "needs simulation.collapse_time true";
    if (experiment.model.noise.std != 0 || experiment.model.noise.mean != 0) {
      return "needs model.noise.std 0 and mean 0: an inactive neuron has no gradient";
    }
    if (experiment.optimizer.weight_decay == 0) return "needs optimizer.weight_decay above 0";
    if (!std::holds_alternative<sim::InitialPoint>(experiment.initial)) return "needs initial.kind point";
    return {};
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      Verdict verdict = start_verdict(*this, "steps until an inactive neuron collapses", point.summary);
      verdict.field = "median of collapse_time";
      const auto expected = predicted(point, quantity::inactive_steps_to_threshold);
      const auto times = point.times.find(quantity::collapse_time);
      if (!expected || times == point.times.end()) {
        verdict.note =
            "|gamma| does not reach its threshold within the run, or P is above its own then; take more steps, "
            "or a neuron that stays inactive";
        verdicts.push_back(std::move(verdict));
        continue;
      }
      const TimeCounts& counts = times->second;
      const std::int64_t half = (counts.total() + 1) / 2;
      std::int64_t reached = 0;
      std::size_t bin = 0;
      while (bin < counts.counts.size() && (reached += counts.counts[bin]) < half) ++bin;
      if (bin == counts.counts.size()) {
        verdict.measured = static_cast<double>(point.summary.steps);
        verdict.predicted = expected->value;
        verdict.outcome = Outcome::fail;
        verdict.note = "more than half of the trajectories never collapsed";
        verdicts.push_back(std::move(verdict));
        continue;
      }
      const double width = static_cast<double>(counts.width);
      const double time = width * static_cast<double>(bin) + (width + 1) / 2;
      const double predicted_time = factor * expected->value;
      compare({.measured = {time, 0, point.summary.trajectories},
               .predicted = predicted_time,
               .slack = (width - 1) / 2 + rounding_of_time(point, expected->value),
               .slack_source = "half a bin of the time histogram, and rounding",
               .largest_error = 0,
               .largest_slack = 0.05 * predicted_time},
              verdict);
      if (verdict.outcome == Outcome::inconclusive) verdict.note += ": take more time_bins or float64";
      verdicts.push_back(std::move(verdict));
    }
    return verdicts;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::FactorOptions> {
  using Struct = study::FactorOptions;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NeuronCheckOptions>::all,
      std::tuple{field(
          "factor", &Struct::factor,
          "the predicted rate or time is this many times the theory's; other than 1 is a deliberately false prediction",
          above(0))});
};

template <>
struct Fields<study::DecayRatio> : Fields<study::NeuronCheckOptions> {};
template <>
struct Fields<study::DecayRate> : Fields<study::FactorOptions> {};
template <>
struct Fields<study::HalfTime> : Fields<study::FactorOptions> {};
template <>
struct Fields<study::OptimizerDecayTime> : Fields<study::FactorOptions> {};

}  // namespace bncollapse::fields

namespace bncollapse::study {

std::vector<CheckKind> decay_checks() {
  return {check_kind<DecayRatio>(), check_kind<DecayRate>(), check_kind<HalfTime>(),
          check_kind<OptimizerDecayTime>()};
}

}  // namespace bncollapse::study
