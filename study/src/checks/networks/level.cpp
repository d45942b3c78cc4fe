#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

/// On which side of the bound the quantity lies.
enum class BoundSide { above, below };

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Enumeration<study::BoundSide> {
  using enum study::BoundSide;
  static constexpr std::array all{Enumerator{above, "above"}, Enumerator{below, "below"}};
};

}  // namespace bncollapse::fields

namespace bncollapse::study {
namespace {

struct Level final : NetworkCheck, QuantityCheckOptions {
  static constexpr std::string_view name = "level";
  static constexpr std::string_view help = "a quantity lies above or below a bound";
  BoundSide direction = BoundSide::above;
  double bound = 0;
  Selection select;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    if (Obstacle obstacle = quantity_obstacle(quantity, points)) return obstacle;
    if (Obstacle obstacle = selection_obstacle({"select", select}, points)) return obstacle;
    return round_obstacle(round, select, points);
  }

  /// Every kind of training must lie there. The verdict is that of the kind that does so least; each is judged
  /// at its share of the level (Bonferroni).
  std::vector<Verdict> judge(const StoredNetworkRun& run) const override {
    const std::string missing = missing_values(quantity, round, select, run);
    std::map<Json, SeedMeans> kinds;
    for (const StoredTraining& training : run.trainings) {
      if (!selects(select, training.parameters)) continue;
      if (const auto value = value_of(training, quantity, round))
        kinds[other_fields(training.parameters)].add(seed_of(training.parameters), *value);
    }
    if (kinds.empty() || !missing.empty()) {
      Verdict verdict = judge_kind(*this, {});
      if (!missing.empty()) verdict.note = missing;
      return {verdict};
    }
    NetworkCheckOptions shared = static_cast<const NetworkCheckOptions&>(*this);
    shared.level /= static_cast<double>(kinds.size());
    const auto rank = [&](const Verdict& verdict) {
      const int outcome = verdict.outcome == Outcome::fail ? 0 : verdict.outcome == Outcome::pass ? 2 : 1;
      return std::pair{outcome, sign() * (verdict.measured - bound)};
    };
    std::optional<Verdict> least;
    for (const auto& [kind, means] : kinds) {
      Verdict verdict = judge_kind(shared, means);
      if (kinds.size() > 1) {
        verdict.note += fmt::format("{}the least of {} kinds of trainings: {}",
                                    verdict.note.empty() ? "" : "; ", kinds.size(), shown(kind));
      }
      if (!least || rank(verdict) < rank(*least)) least = std::move(verdict);
    }
    return {*least};
  }

 private:
  double sign() const { return direction == BoundSide::above ? 1 : -1; }

  Verdict judge_kind(const NetworkCheckOptions& options, const SeedMeans& means) const {
    Verdict verdict =
        start_verdict(*this, fmt::format("{} {} {:g}", quantity, fields::name_of(direction), bound));
    verdict.field = fmt::format("{} {}", quantity, round_text(round));
    const auto by_seed = means.means();
    judge_direction(options, by_seed, bound, sign(), largest(std::abs(bound), by_seed), verdict);
    return verdict;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::Level> {
  using Struct = study::Level;
  static constexpr auto all = std::tuple_cat(
      Fields<study::QuantityCheckOptions>::all,
      std::tuple{field("direction", &Struct::direction, "where it lies", Required{}),
                 field("bound", &Struct::bound, "the bound", Required{}),
                 field("select", &Struct::select, "swept field -> value of the trainings to look at")});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind level_check() { return check_kind<Level>(); }

}  // namespace bncollapse::study
