#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

/// Of a trend over the rounds.
std::string rounds_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (!check.at("round").is_null()) return "follows the rounds, so that it has no round of its own";
  const auto from = check.at("from_round").get<std::int64_t>();
  const std::string shorter = shorter_training(check.at("select"), from + 1, points);
  return shorter.empty() ? "" : fmt::format("begins at round {}, after which {} has no other", from, shorter);
}

/// Of a trend along a swept field.
std::string sweep_obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  const std::string field = check.at("of");
  if (field == "seed") return "follows the seed, which tells repetitions of a training apart";
  if (check.at("from_round") != 1) return "has from_round, which belongs to \"of\": \"round\"";
  std::set<double> values;
  ComparedTrainings trainings({field});
  for (const TrainingPoint& point : points) {
    if (!point.parameters.contains(field))
      return fmt::format("follows {}, which the sweep does not move", field);
    if (!point.parameters.at(field).is_number())
      return fmt::format("follows {}, which must be a number", field);
    if (!selects(check.at("select"), point.parameters)) continue;
    const auto value = point.parameters.at(field).get<double>();
    values.insert(value);
    trainings.add(value, point.parameters);
  }
  if (values.size() < 2) return fmt::format("follows {}, which has one value where it looks", field);
  if (!trainings.are_balanced()) {
    return fmt::format(
        "follows {}, along which other fields move, too; choose trainings with where, or name all of these "
        "fields in a contrast",
        field);
  }
  return round_obstacle(check, check.at("select"), points);
}

std::string obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("select"), points); !problem.empty()) return problem;
  return check.at("of") == "round" ? rounds_obstacle(check, points) : sweep_obstacle(check, points);
}

/// Of the least-squares line through (position, value).
double fit_slope(const std::map<double, double>& values) {
  const auto n = static_cast<double>(values.size());
  double position = 0, sum = 0, weighted = 0;
  for (const auto& [x, value] : values) {
    const double centred = position - (n - 1) / 2;
    weighted += centred * value;
    sum += centred * centred;
    ++position;
  }
  return weighted / sum;
}

/// Slopes of curves, by seed, and the largest |value| of a curve.
struct FitSlopes {
  SeedMeans by_seed;
  double magnitude = 0;

  void add(std::int64_t seed, const std::map<double, double>& curve) {
    if (curve.size() < 2) return;
    for (const auto& [x, value] : curve) magnitude = std::max(magnitude, std::abs(value));
    by_seed.add(seed, fit_slope(curve));
  }
};

/// Of a curve per training: those of one seed may have different numbers of rounds.
FitSlopes slopes_over_rounds(const Json& check, const StoredNetworkRun& run) {
  FitSlopes slopes;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("select"), training.parameters)) continue;
    std::map<double, double> curve;
    for (std::int64_t round = check.at("from_round"); round <= training.rounds; ++round) {
      if (const auto value = value_of(training, check.at("quantity"), round))
        curve[static_cast<double>(round)] = *value;
    }
    slopes.add(seed_of(training.parameters), curve);
  }
  return slopes;
}

/// Of a curve per seed: the mean over its trainings at each value of the field.
FitSlopes slopes_over_sweep(const Json& check, const StoredNetworkRun& run) {
  std::map<double, SeedMeans> at_value;
  for (const StoredTraining& training : run.trainings) {
    const auto value = value_of(training, check.at("quantity"), check.at("round"));
    if (!value || !selects(check.at("select"), training.parameters)) continue;
    at_value[training.parameters.at(check.at("of").get<std::string>()).get<double>()].add(
        seed_of(training.parameters), *value);
  }
  FitSlopes slopes;
  for (const auto& [seed, curve] : curves_of_seeds(at_value)) slopes.add(seed, curve);
  return slopes;
}

Verdict judge(const Json& check, const StoredNetworkRun& run) {
  const std::string quantity = check.at("quantity"), field = check.at("of"),
                    direction = check.at("direction");
  Verdict verdict = start_verdict(check, fmt::format("{} {} with {}", quantity, direction, field));
  verdict.field =
      fmt::format("slope of {} over the values of {} in order, per value, by seed", quantity, field);
  verdict.note = missing_values(quantity, check.at("round"), check.at("select"), run);
  if (!verdict.note.empty()) return verdict;
  const FitSlopes slopes = field == "round" ? slopes_over_rounds(check, run) : slopes_over_sweep(check, run);
  judge_direction(check, slopes.by_seed.means(), 0, sign_of(check), slopes.magnitude, verdict);
  return verdict;
}

}  // namespace

NetworkCheckKind trend_check() {
  return {"trend", "a quantity rises or falls over the rounds or along a swept field, by seed",
          network_check_fields(
              {quantity_field(),
               {"of", text("round, or the swept field")},
               direction_field(),
               selection_field("select", "swept field -> value of the trainings to look at"),
               {"from_round", integer("of round: the first that counts", from_to(1, 1000)).defaults_to(1)},
               round_field()}),
          obstacle, one_verdict<judge>};
}

}  // namespace bncollapse::study
