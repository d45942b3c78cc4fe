#include "checks/networks/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "bncollapse/fields/nearest_name.hpp"
#include "checks/statistics.hpp"

namespace bncollapse::study {
namespace {

/// Values of a range carry a rounding error that their spelling does not.
bool same_value(const Json& one, const Json& other) {
  constexpr double rounding = 1e-12;
  if (!one.is_number() || !other.is_number()) return one == other;
  const double a = one.get<double>(), b = other.get<double>();
  return std::abs(a - b) <= rounding * std::max(std::abs(a), std::abs(b));
}

}  // namespace

FieldSchema Selection::schema(std::string help) {
  return mapping(std::move(help), one_of("value", {number(""), text("")}));
}

bool selects(const Selection& selection, const Json& parameters) {
  const auto items = selection.values.items();
  return std::all_of(items.begin(), items.end(), [&](const auto& item) {
    return parameters.contains(item.key()) && same_value(item.value(), parameters.at(item.key()));
  });
}

std::int64_t seed_of(const Json& parameters) {
  return parameters.contains("seed") ? parameters.at("seed").template get<std::int64_t>() : 0;
}

Json other_fields(const Json& parameters, const std::set<std::string>& fields) {
  Json others = parameters;
  for (const std::string& field : fields) others.erase(field);
  others.erase("seed");
  return others;
}

std::optional<double> value_of(const StoredTraining& training, const std::string& quantity,
                               std::optional<std::int64_t> round) {
  const auto values = training.values.find(quantity);
  if (values == training.values.end()) return {};
  const auto at = values->second.find(round.value_or(training.rounds));
  if (at == values->second.end()) return {};
  return at->second;
}

std::string missing_values(const std::string& quantity, std::optional<std::int64_t> round,
                           const Selection& selection, const StoredNetworkRun& run) {
  std::size_t selected = 0, missing = 0;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(selection, training.parameters)) continue;
    ++selected;
    if (!value_of(training, quantity, round)) ++missing;
  }
  if (missing == 0 || missing == selected) return {};
  return fmt::format("{} of the {} trainings of {} have no {}", missing, selected,
                     selection.values.empty() ? "the run" : shown(selection.values), quantity);
}

void SeedMeans::add(std::int64_t seed, double value) {
  auto& [sum, count] = sums_[seed];
  sum += value;
  ++count;
}

std::map<std::int64_t, double> SeedMeans::means() const {
  std::map<std::int64_t, double> result;
  for (const auto& [seed, entry] : sums_) result[seed] = entry.first / entry.second;
  return result;
}

std::map<std::int64_t, std::map<double, double>> curves_of_seeds(
    const std::map<double, SeedMeans>& at_value) {
  std::map<std::int64_t, std::map<double, double>> curves;
  for (const auto& [x, means] : at_value) {
    for (const auto& [seed, mean] : means.means()) curves[seed][x] = mean;
  }
  return curves;
}

double largest(double magnitude, const std::map<std::int64_t, double>& values) {
  for (const auto& [seed, value] : values) magnitude = std::max(magnitude, std::abs(value));
  return magnitude;
}

MeanOverSeeds mean_over(const std::map<std::int64_t, double>& by_seed) {
  const auto n = static_cast<double>(by_seed.size());
  double mean = 0, squares = 0;
  for (const auto& [seed, value] : by_seed) mean += value / n;
  for (const auto& [seed, value] : by_seed) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n - 1) / n)};
}

double sign_of(Direction direction) { return direction == Direction::rises ? 1 : -1; }

void judge_direction(const NetworkCheckOptions& options, const std::map<std::int64_t, double>& by_seed,
                     double bound, double sign, double magnitude, Verdict& verdict) {
  constexpr double rounding = 1e-12;
  if (by_seed.empty()) {
    verdict.note = "no training of this run gives the quantity";
    return;
  }
  const auto [mean, standard_error] = mean_over(by_seed);
  verdict.measured = mean;
  verdict.predicted = bound;
  if (by_seed.size() < fewest_seeds) {
    verdict.note = fmt::format("{} seed{}: the test takes at least {}", by_seed.size(),
                               by_seed.size() == 1 ? "" : "s", fewest_seeds);
    return;
  }
  const double deviations = student_deviations(options.level, by_seed.size() - 1);
  verdict.standard_error = standard_error;
  verdict.deviation = standard_error > 0 ? (mean - bound) / standard_error : 0;
  verdict.tolerance = deviations * standard_error + rounding * magnitude;
  verdict.tolerance_source =
      fmt::format("{:.3g} standard errors (one-sided t test over {} seeds at {:g}) and rounding", deviations,
                  by_seed.size(), options.level);
  const double distance = sign * (mean - bound);
  if (distance > verdict.tolerance) {
    verdict.outcome = Outcome::pass;
  } else if (distance < -verdict.tolerance) {
    const bool too_small = options.if_opposite == IfOpposite::inconclusive;
    verdict.outcome = too_small ? Outcome::inconclusive : Outcome::fail;
    verdict.note = too_small ? "significantly the other way, in a setting too small to show the claim"
                             : "significantly the other way";
  } else {
    verdict.note = "the direction cannot be told: more seeds, or a larger setting";
  }
}

std::string round_text(std::optional<std::int64_t> round) {
  return round ? fmt::format("after round {}", *round) : "after the last round";
}

Obstacle quantity_obstacle(const std::string& quantity, const std::vector<TrainingPoint>& points) {
  const bool is_recorded = !quantity.starts_with("pruned_") ||
                           std::all_of(points.begin(), points.end(),
                                       [](const TrainingPoint& point) { return point.record_pruned; });
  return is_recorded ? Obstacle()
                     : Obstacle("is about " + quantity + ": needs record.pruned true", "quantity");
}

Obstacle selection_obstacle(const NamedSelection& named, const std::vector<TrainingPoint>& points) {
  const auto& [field, selection] = named;
  const Json& swept = points.front().parameters;
  for (const auto& item : selection.values.items()) {
    if (!swept.contains(item.key())) {
      return {fmt::format("names {}, which the sweep does not move{}", item.key(),
                          fields::suggestion(item.key(), keys_of(swept))),
              field};
    }
  }
  const bool any = std::any_of(
      points.begin(), points.end(),
      [&selected = selection](const TrainingPoint& point) { return selects(selected, point.parameters); });
  if (any) return {};
  return {fmt::format("selects {}, which is no point of the sweep", shown(selection.values)), field};
}

std::string shorter_training(const Selection& selection, std::int64_t rounds,
                             const std::vector<TrainingPoint>& points) {
  for (const TrainingPoint& point : points) {
    if (selects(selection, point.parameters) && point.training.rounds < rounds)
      return point.parameters.empty() ? "the training" : shown(point.parameters);
  }
  return {};
}

Obstacle round_obstacle(std::optional<std::int64_t> round, const Selection& selection,
                        const std::vector<TrainingPoint>& points) {
  if (!round) return {};
  const std::string shorter = shorter_training(selection, *round, points);
  if (shorter.empty()) return {};
  return {fmt::format("is about round {}, which {} does not reach", *round, shorter), "round"};
}

Obstacle sides_obstacle(const NamedSelection& one, const NamedSelection& other,
                        const std::vector<TrainingPoint>& points, const std::set<std::string>& free) {
  std::set<std::string> named_fields;
  for (const NamedSelection& side : {one, other}) {
    if (Obstacle obstacle = selection_obstacle(side, points)) return obstacle;
    for (const auto& item : side.selection.values.items()) named_fields.insert(item.key());
  }
  std::set<std::string> fields = named_fields;
  fields.insert(free.begin(), free.end());
  ComparedTrainings sides(fields);
  for (const TrainingPoint& point : points) {
    const bool in_one = selects(one.selection, point.parameters),
               in_other = selects(other.selection, point.parameters);
    if (in_one && in_other)
      return fmt::format("has trainings that both {} and {} select; name what tells them apart", one.field,
                         other.field);
    if (in_one || in_other) sides.add(in_one ? 0 : 1, point.parameters);
  }
  if (!sides.are_balanced(free.empty())) {
    return fmt::format(
        "compares trainings that differ in more than {}; name in both {} and {} every field in which they "
        "differ",
        fmt::join(named_fields, ", "), one.field, other.field);
  }
  if (sides.share_a_seed()) return {};
  return fmt::format("has no seed with trainings of both {} and {}", one.field, other.field);
}

void ComparedTrainings::add(double group, const Json& parameters) {
  seeds_[seed_of(parameters)][group].insert(other_fields(parameters, fields_).dump());
}

bool ComparedTrainings::are_balanced(bool count_repeats) const {
  const auto same = [&](const Group& one, const Group& other) {
    using Kinds = std::set<std::string>;
    return count_repeats ? one == other : Kinds(one.begin(), one.end()) == Kinds(other.begin(), other.end());
  };
  return std::all_of(seeds_.begin(), seeds_.end(), [&](const auto& seed) {
    const auto& groups = seed.second;
    return std::all_of(groups.begin(), groups.end(),
                       [&](const auto& group) { return same(group.second, groups.begin()->second); });
  });
}

bool ComparedTrainings::share_a_seed() const {
  return std::any_of(seeds_.begin(), seeds_.end(), [](const auto& seed) { return seed.second.size() > 1; });
}

}  // namespace bncollapse::study
