#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "checks/common.hpp"

namespace bncollapse::study {
namespace {

const Quantity other_estimators[] = {quantity::probability_change_antithetic,
                                     quantity::probability_change_control_variate};

/// The two estimates share their random draws, which makes their difference smaller than that of independent
/// ones: the root of the sum of squares bounds its standard error.
Verdict judge_agreement_with(const NeuronCheckOptions& options, const StoredPoint& point,
                             const Quantity& other, std::size_t comparisons) {
  Verdict verdict =
      start_verdict(options, fmt::format("{} agrees with {}", other.name, quantity::probability_change.name),
                    point.summary);
  Comparison worst;
  worst.deviations = allowed_deviations(options.false_alarm, comparisons);
  worst.deviations_source = deviations_text(worst.deviations, options.false_alarm, comparisons);
  worst.slack_source = "rounding";
  double farthest = -1;
  for (const auto& [step, plain] : estimates(point, quantity::probability_change)) {
    const auto& by_step = estimates(point, other);
    const auto at = by_step.find(step);
    if (step == 0 || at == by_step.end()) continue;
    const double error = std::hypot(plain.standard_error, at->second.standard_error);
    const double slack = 4 * roundoff(point) * std::sqrt(static_cast<double>(step));
    const double distance = std::abs(at->second.mean - plain.mean) / (worst.deviations * error + slack);
    if (distance <= farthest) continue;
    farthest = distance;
    worst.measured = {at->second.mean, error, at->second.count};
    worst.predicted = plain.mean;
    worst.slack = slack;
    verdict.field = fmt::format("{} at step {}", other.name, step);
  }
  worst.largest_error = 0.5;
  worst.largest_slack = std::max(largest_slack_share * std::abs(worst.predicted),
                                 worst.deviations * worst.measured.standard_error);
  if (farthest >= 0)
    compare(worst, verdict);
  else
    verdict.note = "no recorded step after the start";
  return verdict;
}

/// Why the points cannot be ordered by the field; empty where they can.
Obstacle order_obstacle(const std::string& field, const Point& point) {
  if (!point.summary.parameters.contains(field))
    return {fmt::format("follows {}, which the sweep does not move{}", field, likely_field(field, point)),
            "of"};
  if (!point.summary.parameters.at(field).is_number())
    return {fmt::format("follows {}, which must be a number", field), "of"};
  return {};
}

using Curve = std::map<double, sim::Mean>;

struct Change {
  double value = 0, standard_error = 0;
};

Change change(const sim::Mean& from, const sim::Mean& to) {
  return {to.mean - from.mean, std::hypot(from.standard_error, to.standard_error)};
}

/// A trend in `sign`'s direction: from the first to the last value it must go that way by more than K
/// standard errors, and between no two neighbours the other way by more than K.
void judge_curve(const Curve& curve, double sign, double false_alarm, Verdict& verdict) {
  if (curve.size() < 2) {
    verdict.note = "fewer than two points hold the quantity at this step";
    return;
  }
  const std::size_t comparisons = curve.size();
  const double deviations = allowed_deviations(false_alarm, comparisons);
  const Change whole = change(curve.begin()->second, curve.rbegin()->second);
  verdict.measured = whole.value;
  verdict.standard_error = whole.standard_error;
  verdict.deviation = whole.standard_error > 0 ? whole.value / whole.standard_error : 0;
  verdict.tolerance = deviations * whole.standard_error;
  verdict.tolerance_source = deviations_text(deviations, false_alarm, comparisons) + ", away from 0";
  if (sign * whole.value > verdict.tolerance) verdict.outcome = Outcome::pass;
  if (sign * whole.value < -verdict.tolerance) verdict.outcome = Outcome::fail;
  if (verdict.outcome == Outcome::inconclusive)
    verdict.note = "the change cannot be told from 0: take more trajectories";
  for (auto from = curve.begin(), to = std::next(from); to != curve.end(); ++from, ++to) {
    const Change step = change(from->second, to->second);
    if (sign * step.value < -deviations * step.standard_error) {
      verdict.outcome = Outcome::fail;
      verdict.note = fmt::format("goes the other way between {:g} and {:g}, by {:.3g} +- {:.2g}", from->first,
                                 to->first, step.value, step.standard_error);
      return;
    }
  }
}

using GroupMeans = std::vector<sim::GroupMean>;

/// The mean of b - a, both means of the same groups of trajectories under the same draws, with the standard
/// error that the spread of the groups' differences gives: the correlation of the two is in it.
sim::Mean paired_difference(const GroupMeans& a, const GroupMeans& b) {
  sim::Mean difference;
  for (const sim::GroupMean& group : a) difference.count += group.count;
  const auto weight = [&](std::size_t i) {
    return static_cast<double>(a[i].count) / static_cast<double>(difference.count);
  };
  for (std::size_t i = 0; i < a.size(); ++i) difference.mean += weight(i) * (b[i].mean - a[i].mean);
  double variance = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    variance += std::pow(weight(i) * (b[i].mean - a[i].mean - difference.mean), 2);
  }
  const auto groups = static_cast<double>(a.size());
  difference.standard_error =
      groups > 1 ? std::sqrt(variance * groups / (groups - 1)) : std::numeric_limits<double>::infinity();
  return difference;
}

std::vector<std::string> names_of_estimates() {
  return std::apply([](const auto&... estimated) { return std::vector<std::string>{estimated.first...}; },
                    quantity::estimated);
}

struct EstimatorsAgree final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "estimators_agree";
  static constexpr std::string_view help =
      "the antithetic and control-variate estimates of the drift against the plain one, at "
      "every recorded step";

  Obstacle obstacle(const Point& point) const override {
    const auto& recording = point.experiment.recording;
    if (!recording.antithetic && !recording.control_variate) {
      return "needs simulation.antithetic or simulation.control_variate true";
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::size_t comparisons = 0;
    for (const StoredPoint& point : run.points) {
      for (const Quantity& other : other_estimators) comparisons += estimates(point, other).size();
    }
    std::vector<Verdict> verdicts;
    for (const StoredPoint& point : run.points) {
      for (const Quantity& other : other_estimators) {
        if (!estimates(point, other).empty())
          verdicts.push_back(judge_agreement_with(*this, point, other, comparisons));
      }
    }
    return verdicts;
  }
};

struct Trend final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "trend";
  static constexpr std::string_view help =
      "an estimated quantity rises or falls along a swept field: from its first to its last "
      "value, and nowhere significantly the other way";
  std::string quantity, of;
  Direction direction = Direction::rises;
  std::optional<std::int64_t> step;

  Obstacle obstacle(const Point& point) const override {
    const std::vector<std::int64_t>& recorded = point.experiment.recording.steps;
    if (step && !std::binary_search(recorded.begin(), recorded.end(), *step))
      return {fmt::format("looks at step {}, which is not recorded", *step), "step"};
    return order_obstacle(of, point);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    const std::string own_claim = fmt::format("{} {} with {}", quantity, fields::name_of(direction), of);
    std::vector<Verdict> verdicts;
    for (const auto& [others, curve] : curves_of(run)) {
      Verdict verdict = start_verdict(*this, own_claim, described(others));
      verdict.field = fmt::format("change of {} from the first to the last {}", quantity, of);
      judge_curve(curve, direction == Direction::rises ? 1 : -1, false_alarm, verdict);
      verdicts.push_back(std::move(verdict));
    }
    if (verdicts.empty()) {
      verdicts.push_back(start_verdict(*this, own_claim));
      verdicts.back().note = "the quantity is recorded at none of the points at this step";
    }
    return verdicts;
  }

 private:
  /// The quantity at the wanted step (the last recorded where it is left out) against the field, by the values of
  /// the other swept fields.
  std::map<Json, Curve> curves_of(const StoredRun& run) const {
    std::map<Json, Curve> curves;
    for (const StoredPoint& point : run.points) {
      const auto& by_step = estimates(point, quantity);
      if (by_step.empty()) continue;
      const auto at = step ? by_step.find(*step) : std::prev(by_step.end());
      if (at == by_step.end()) continue;
      curves[parameters_beside(point, of)][point.summary.parameters.at(of).get<double>()] = at->second;
    }
    return curves;
  }
};

struct Difference final : Check, NeuronCheckOptions {
  static constexpr std::string_view name = "difference";
  static constexpr std::string_view help =
      "the difference of the first step's drift between neighbouring values of a swept field, "
      "under common streams, against the exact expectations' difference";
  std::string of;

  Obstacle obstacle(const Point& point) const override {
    if (point.experiment.recording.groups == 0) return "needs simulation.streams common";
    if (point.summary.parameters.contains("simulation.trajectories"))
      return "needs the same trajectories at every point; do not sweep simulation.trajectories";
    if (Obstacle obstacle = order_obstacle(of, point)) return obstacle;
    return first_step_obstacle(point);
  }

  std::vector<Verdict> judge(const StoredRun& run) const override {
    std::map<Json, std::map<double, const StoredPoint*>> curves;
    std::size_t comparisons = 0;
    for (const StoredPoint& point : run.points) {
      auto& curve = curves[parameters_beside(point, of)];
      curve[point.summary.parameters.at(of).get<double>()] = &point;
      if (curve.size() > 1) ++comparisons;
    }
    std::vector<Verdict> verdicts;
    for (const auto& [others, curve] : curves) {
      for (auto from = curve.begin(), to = std::next(from); to != curve.end(); ++from, ++to) {
        verdicts.push_back(judge_between(*from->second, *to->second, described(others), comparisons));
      }
    }
    return verdicts;
  }

 private:
  Verdict judge_between(const StoredPoint& from, const StoredPoint& to, const std::string& others,
                        std::size_t comparisons) const {
    const auto value = [&](const StoredPoint& point) {
      return point.summary.parameters.at(of).get<double>();
    };
    Verdict verdict = start_verdict(
        *this, fmt::format("the drift's difference between {} = {:g} and {:g}", of, value(from), value(to)),
        others);
    verdict.point = to.summary.index;
    const auto before = from.groups.find(1), after = to.groups.find(1);
    const auto exact_before = predicted(from, quantity::drift_exact),
               exact_after = predicted(to, quantity::drift_exact);
    if (before == from.groups.end() || after == to.groups.end() || !exact_before || !exact_after) {
      verdict.note = "step 1 is not recorded, or has no exact prediction";
      return verdict;
    }
    const sim::Mean difference = paired_difference(before->second, after->second);
    const sim::Mean independent = paired_difference(GroupMeans(before->second.size(), {0, 1}), after->second);
    const sim::Mean first = paired_difference(GroupMeans(before->second.size(), {0, 1}), before->second);
    const double expected = exact_after->value - exact_before->value;
    verdict.field = "the change of P at step 1, common streams";
    Comparison comparison{.measured = difference, .predicted = expected};
    comparison.deviations = allowed_deviations(false_alarm, comparisons);
    comparison.deviations_source = deviations_text(comparison.deviations, false_alarm, comparisons);
    comparison.slack = exact_before->error + exact_after->error +
                       few_carriers(from, comparison.deviations, exact_before->value) +
                       few_carriers(to, comparison.deviations, exact_after->value);
    comparison.slack_source = std::string("the quadratures' errors and ") + few_carriers_text;
    comparison.largest_error = 0.1 * std::abs(expected);
    comparison.largest_slack = largest_slack_share * std::abs(expected);
    compare(comparison, verdict);
    if (!verdict.note.empty()) verdict.note += "; ";
    verdict.note +=
        fmt::format("standard error {:.3g} times that of independent streams",
                    difference.standard_error / std::hypot(independent.standard_error, first.standard_error));
    return verdict;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::EstimatorsAgree> : Fields<study::NeuronCheckOptions> {};

template <>
struct Fields<study::Trend> {
  using Struct = study::Trend;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NeuronCheckOptions>::all,
      std::tuple{field("quantity", &Struct::quantity, "estimated quantity",
                       Choices{study::names_of_estimates}, Required{}),
                 field("of", &Struct::of, "the swept field, for example optimizer.learning_rate", Required{}),
                 field("direction", &Struct::direction, "direction", Required{}),
                 field("step", &Struct::step, "recorded step; null: the last", from_to(0, 1e15))});
};

template <>
struct Fields<study::Difference> {
  using Struct = study::Difference;
  static constexpr auto all =
      std::tuple_cat(Fields<study::NeuronCheckOptions>::all,
                     std::tuple{field("of", &Struct::of,
                                      "the swept field, for example optimizer.learning_rate", Required{})});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

std::vector<CheckKind> comparison_checks() {
  return {check_kind<EstimatorsAgree>(), check_kind<Trend>(), check_kind<Difference>()};
}

}  // namespace bncollapse::study
