#include "checks/common.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "bncollapse/fields/nearest_name.hpp"
#include "bncollapse/sim/fields.hpp"
#include "bncollapse/study/precision.hpp"
#include "bncollapse/study/prediction.hpp"

namespace bncollapse::study {

Verdict start_verdict(const CheckOptions& options, const std::string& claim, const std::string& where) {
  Verdict verdict;
  verdict.claim = options.claim.empty() ? claim : options.claim;
  if (!where.empty()) verdict.claim += " " + where;
  verdict.out_of_range_allowed = options.allow_out_of_range;
  return verdict;
}

Verdict start_verdict(const CheckOptions& options, const std::string& claim, const PointSummary& point) {
  Verdict verdict = start_verdict(options, claim, described(point.parameters));
  verdict.point = point.index;
  return verdict;
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& item : object.items()) keys.push_back(item.key());
  return keys;
}

void compare(const Comparison& comparison, Verdict& verdict) {
  const auto& [mean, standard_error, count] = comparison.measured;
  const double difference = mean - comparison.predicted;
  verdict.measured = mean;
  verdict.standard_error = standard_error;
  verdict.predicted = comparison.predicted;
  verdict.deviation = standard_error > 0 ? difference / standard_error : 0;
  verdict.tolerance = comparison.deviations * standard_error + comparison.slack;
  verdict.tolerance_source = comparison.deviations_source;
  if (!comparison.slack_source.empty()) {
    verdict.tolerance_source += (verdict.tolerance_source.empty() ? "" : " + ") + comparison.slack_source;
  }
  if (std::abs(difference) > verdict.tolerance) {
    verdict.outcome = Outcome::fail;
  } else if (!(comparison.slack <= comparison.largest_slack)) {
    verdict.outcome = Outcome::inconclusive;
    verdict.note = fmt::format("{} ({:.3g}) is above {:.3g}, too large to tell right from wrong",
                               comparison.slack_source, comparison.slack, comparison.largest_slack);
  } else if (standard_error > comparison.largest_error) {
    verdict.outcome = Outcome::inconclusive;
    verdict.note =
        fmt::format("the standard error is above {:.3g}: take more trajectories", comparison.largest_error);
  } else {
    verdict.outcome = Outcome::pass;
  }
}

std::string deviations_text(double deviations, double false_alarm, std::size_t comparisons) {
  return fmt::format("{:.2f} standard errors (false-alarm rate {:g} over {} comparison{})", deviations,
                     false_alarm, comparisons, comparisons == 1 ? "" : "s");
}

std::optional<MeasuredDrift> measured_drift(const StoredPoint& point, DriftEstimator wanted) {
  const std::pair<DriftEstimator, Quantity> estimators[] = {
      {DriftEstimator::plain, quantity::probability_change},
      {DriftEstimator::antithetic, quantity::probability_change_antithetic},
      {DriftEstimator::control_variate, quantity::probability_change_control_variate}};
  std::optional<MeasuredDrift> best;
  for (const auto& [estimator, quantity] : estimators) {
    if (wanted != DriftEstimator::best && wanted != estimator) continue;
    const auto& by_step = estimates(point, quantity);
    const auto first = by_step.find(1);
    if (first == by_step.end()) continue;
    if (!best || first->second.standard_error < best->mean.standard_error) best = {first->second, quantity};
  }
  return best;
}

std::optional<PredictedValue> predicted(const StoredPoint& point, const std::string& quantity) {
  const auto found = point.predictions.find(quantity);
  return found == point.predictions.end() ? std::nullopt : std::optional(found->second);
}

bool is_in_range(const StoredPoint& point) {
  const auto in_range = predicted(point, quantity::in_range);
  return in_range && in_range->value != 0 && !point.summary.approximation;
}

const std::map<std::int64_t, sim::Mean>& estimates(const StoredPoint& point, const std::string& quantity) {
  static const std::map<std::int64_t, sim::Mean> none;
  const auto found = point.estimates.find(quantity);
  return found == point.estimates.end() ? none : found->second;
}

double roundoff(const StoredPoint& point) {
  return unit_roundoff(fields::enumerator_of<sim::Precision>(point.summary.precision).value());
}

bool is_normal(const StoredPoint& point, double value) {
  const double smallest = point.summary.precision == "float32"
                              ? static_cast<double>(std::numeric_limits<float>::min())
                              : std::numeric_limits<double>::min();
  return std::abs(value) >= smallest;
}

std::string described(const Json& parameters) {
  std::string text;
  for (const auto& [field, value] : parameters.items()) {
    const std::string shown = value.is_number_integer() ? value.dump()
                              : value.is_number()       ? fmt::format("{:.10g}", value.get<double>())
                                                        : value.get<std::string>();
    text += fmt::format("{}{} = {}", text.empty() ? "at " : ", ", field, shown);
  }
  return text;
}

Json parameters_beside(const StoredPoint& point, const std::string& field) {
  Json others = point.summary.parameters;
  others.erase(field);
  return others;
}

double few_carriers(const StoredPoint& point, double deviations, double drift) {
  const auto share = predicted(point, quantity::carrying_share);
  if (!share || drift == 0) return 0;  // an earlier version's store has none
  const double carriers = share->value * static_cast<double>(point.summary.trajectories);
  return carriers > 0 ? deviations * deviations / carriers * std::abs(drift)
                      : std::numeric_limits<double>::infinity();
}

bool is_carried(const StoredPoint& point, double false_alarm, std::size_t comparisons) {
  const double deviations = allowed_deviations(false_alarm, comparisons);
  return few_carriers(point, deviations, 1) <= largest_slack_share;
}

std::string likely_field(const std::string& field, const Point& point) {
  return fields::suggestion(field, keys_of(point.summary.parameters));
}

Obstacle gradient_obstacle(double false_alarm, const Point& point) {
  const sim::Experiment& experiment = point.experiment;
  const theory::Noise& noise = experiment.model.noise;
  if (noise.std == 0 && noise.mean == 0) return {};
  const std::string remedy = "needs model.noise.std 0 and mean 0, decay alone";
  if (experiment.model.leak != 0) return remedy + ": with a leak every sample has a gradient";
  const theory::Neuron start = mean_initial_neuron(experiment);
  const auto steps = static_cast<double>(experiment.steps);
  const theory::Neuron end = theory::decayed_neuron(start, *exponential_decay(experiment), steps);
  const theory::Law& law = *experiment.model.x_law;
  const double active =
      std::max(theory::activation_probability(law, start), theory::activation_probability(law, end)) * steps *
      static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.model.batch);
  if (active <= false_alarm) return {};
  return fmt::format("{}, or a neuron that stays inactive: {:.2g} samples are expected to be active", remedy,
                     active);
}

Obstacle first_step_obstacle(const Point& point, DriftEstimator estimator) {
  const auto& recording = point.experiment.recording;
  const auto& steps = recording.steps;
  if (!std::binary_search(steps.begin(), steps.end(), std::int64_t{1})) {
    return "compares the first step: simulation.record.steps must hold 1";
  }
  const auto name = point.experiment.optimizer.name;
  if (name != theory::OptimizerName::sgd && name != theory::OptimizerName::momentum) {
    return "needs optimizer.name sgd or momentum, of whose first step the theory speaks";
  }
  if (estimator == DriftEstimator::antithetic && !recording.antithetic)
    return "needs simulation.antithetic true";
  if (estimator == DriftEstimator::control_variate && !recording.control_variate)
    return "needs simulation.control_variate true";
  const auto& initial = point.experiment.initial;
  if (!std::holds_alternative<sim::InitialPoint>(initial) &&
      !std::holds_alternative<sim::InitialEvenRatio>(initial)) {
    return "needs initial.kind point or even_ratio, over which the theory is averaged";
  }
  if (point.summary.gamma == 0) return "needs gamma other than 0: at 0 the drift has no expansion";
  return {};
}

}  // namespace bncollapse::study
