#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "bncollapse/fields/nearest_name.hpp"
#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

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

struct Trend final : NetworkCheck, QuantityCheckOptions {
  static constexpr std::string_view name = "trend";
  static constexpr std::string_view help =
      "a quantity rises or falls over the rounds or along a swept field, by seed";
  std::string of;
  Direction direction = Direction::rises;
  Selection select;
  std::int64_t from_round = 1;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    if (Obstacle obstacle = quantity_obstacle(quantity, points)) return obstacle;
    if (Obstacle obstacle = selection_obstacle({"select", select}, points)) return obstacle;
    return of == "round" ? rounds_obstacle(points) : sweep_obstacle(points);
  }

  std::vector<Verdict> judge(const StoredNetworkRun& run) const override { return {verdict_of(run)}; }

 private:
  Verdict verdict_of(const StoredNetworkRun& run) const {
    Verdict verdict =
        start_verdict(*this, fmt::format("{} {} with {}", quantity, fields::name_of(direction), of));
    verdict.field =
        fmt::format("slope of {} over the values of {} in order, per value, by seed", quantity, of);
    verdict.note = missing_values(quantity, round, select, run);
    if (!verdict.note.empty()) return verdict;
    const FitSlopes slopes = of == "round" ? slopes_over_rounds(run) : slopes_over_sweep(run);
    judge_direction(*this, slopes.by_seed.means(), 0, sign_of(direction), slopes.magnitude, verdict);
    return verdict;
  }

  /// Of a trend over the rounds.
  Obstacle rounds_obstacle(const std::vector<TrainingPoint>& points) const {
    if (round) return {"follows the rounds, so that it has no round of its own", "round"};
    const std::string shorter = shorter_training(select, from_round + 1, points);
    if (shorter.empty()) return {};
    return {fmt::format("begins at round {}, after which {} has no other", from_round, shorter),
            "from_round"};
  }

  /// Of a trend along a swept field.
  Obstacle sweep_obstacle(const std::vector<TrainingPoint>& points) const {
    if (of == "seed") return {"follows the seed, which tells repetitions of a training apart", "of"};
    if (from_round != 1) return {"has from_round, which belongs to \"of\": \"round\"", "from_round"};
    std::set<double> values;
    ComparedTrainings trainings({of});
    for (const TrainingPoint& point : points) {
      if (!point.parameters.contains(of)) {
        std::vector<std::string> names = keys_of(point.parameters);
        names.emplace_back("round");
        return {fmt::format("follows {}, which the sweep does not move{}", of, fields::suggestion(of, names)),
                "of"};
      }
      if (!point.parameters.at(of).is_number())
        return {fmt::format("follows {}, which must be a number", of), "of"};
      if (!selects(select, point.parameters)) continue;
      const auto value = point.parameters.at(of).get<double>();
      values.insert(value);
      trainings.add(value, point.parameters);
    }
    if (values.size() < 2) return {fmt::format("follows {}, which has one value where it looks", of), "of"};
    if (!trainings.are_balanced()) {
      return {
          fmt::format("follows {}, along which other fields move, too; choose trainings with select, or name "
                      "all of these fields in a contrast",
                      of),
          "of"};
    }
    return round_obstacle(round, select, points);
  }

  /// Of a curve per training: those of one seed may have different numbers of rounds.
  FitSlopes slopes_over_rounds(const StoredNetworkRun& run) const {
    FitSlopes slopes;
    for (const StoredTraining& training : run.trainings) {
      if (!selects(select, training.parameters)) continue;
      std::map<double, double> curve;
      for (std::int64_t at = from_round; at <= training.rounds; ++at) {
        if (const auto value = value_of(training, quantity, at)) curve[static_cast<double>(at)] = *value;
      }
      slopes.add(seed_of(training.parameters), curve);
    }
    return slopes;
  }

  /// Of a curve per seed: the mean over its trainings at each value of the field.
  FitSlopes slopes_over_sweep(const StoredNetworkRun& run) const {
    std::map<double, SeedMeans> at_value;
    for (const StoredTraining& training : run.trainings) {
      const auto value = value_of(training, quantity, round);
      if (!value || !selects(select, training.parameters)) continue;
      at_value[training.parameters.at(of).get<double>()].add(seed_of(training.parameters), *value);
    }
    FitSlopes slopes;
    for (const auto& [seed, curve] : curves_of_seeds(at_value)) slopes.add(seed, curve);
    return slopes;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::Trend> {
  using Struct = study::Trend;
  static constexpr auto all = std::tuple_cat(
      Fields<study::QuantityCheckOptions>::all,
      std::tuple{
          field("of", &Struct::of, "round, or the swept field", Required{}),
          field("direction", &Struct::direction, "direction", Required{}),
          field("select", &Struct::select, "swept field -> value of the trainings to look at"),
          field("from_round", &Struct::from_round, "of round: the first that counts", from_to(1, 1000))});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind trend_check() { return check_kind<Trend>(); }

}  // namespace bncollapse::study
