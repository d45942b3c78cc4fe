#include <fmt/format.h>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

struct Contrast final : NetworkCheck, QuantityCheckOptions {
  static constexpr std::string_view name = "contrast";
  static constexpr std::string_view help =
      "a quantity rises or falls from one kind of training to another, paired by seed";
  Selection baseline, variant;
  Direction direction = Direction::rises;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    if (Obstacle obstacle = quantity_obstacle(quantity, points)) return obstacle;
    if (Obstacle obstacle = sides_obstacle({"baseline", baseline}, {"variant", variant}, points))
      return obstacle;
    for (const Selection& side : {baseline, variant}) {
      if (Obstacle obstacle = round_obstacle(round, side, points)) return obstacle;
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredNetworkRun& run) const override { return {verdict_of(run)}; }

 private:
  Verdict verdict_of(const StoredNetworkRun& run) const {
    Verdict verdict =
        start_verdict(*this, fmt::format("{} {} from {} to {}", quantity, fields::name_of(direction),
                                         shown(baseline.values), shown(variant.values)));
    verdict.field = fmt::format("difference of {} {}, paired by seed", quantity, round_text(round));
    for (const Selection& side : {baseline, variant}) {
      verdict.note = missing_values(quantity, round, side, run);
      if (!verdict.note.empty()) return verdict;
    }
    SeedMeans before, after;
    for (const StoredTraining& training : run.trainings) {
      const auto value = value_of(training, quantity, round);
      if (!value) continue;
      const std::int64_t seed = seed_of(training.parameters);
      if (selects(baseline, training.parameters)) before.add(seed, *value);
      if (selects(variant, training.parameters)) after.add(seed, *value);
    }
    std::map<std::int64_t, double> differences;
    const auto from = before.means(), to = after.means();
    for (const auto& [seed, value] : to) {
      if (from.contains(seed)) differences[seed] = value - from.at(seed);
    }
    judge_direction(*this, differences, 0, sign_of(direction), largest(largest(0, from), to), verdict);
    return verdict;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::Contrast> {
  using Struct = study::Contrast;
  static constexpr auto all = std::tuple_cat(
      Fields<study::QuantityCheckOptions>::all,
      std::tuple{field("baseline", &Struct::baseline, "swept field -> value of the trainings to start from"),
                 field("variant", &Struct::variant, "swept field -> value of the trainings to compare with"),
                 field("direction", &Struct::direction, "direction", Required{})});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind contrast_check() { return check_kind<Contrast>(); }

}  // namespace bncollapse::study
