#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

/// The accuracy at so many multiplications, between two networks of the curve, linear in their logarithm.
std::optional<double> accuracy_at(const std::map<double, double>& curve, double multiplications) {
  const auto above = curve.lower_bound(multiplications);
  if (above == curve.end()) return {};
  if (above->first == multiplications) return above->second;
  if (above == curve.begin()) return {};
  const auto below = std::prev(above);
  const double share = std::log(multiplications / below->first) / std::log(above->first / below->first);
  return std::lerp(below->second, above->second, share);
}

struct Pruning final : NetworkCheck, NetworkCheckOptions {
  static constexpr std::string_view name = "pruning";
  static constexpr std::string_view help =
      "networks without their collapsed filters are no more accurate than uniformly narrower "
      "ones of as many multiplications";
  Selection uniform, collapsed;
  double margin = 0.01;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    const bool all = std::all_of(points.begin(), points.end(),
                                 [](const TrainingPoint& point) { return point.record_pruned; });
    if (!all) return "needs record.pruned true";
    return sides_obstacle({"uniform", uniform}, {"collapsed", collapsed}, points,
                          {"network.architecture", "network.depth", "network.width"});
  }

  std::vector<Verdict> judge(const StoredNetworkRun& run) const override { return {verdict_of(run)}; }

 private:
  /// Networks without their collapsed filters beside uniformly narrower ones of as many multiplications.
  Verdict verdict_of(const StoredNetworkRun& run) const {
    Verdict verdict = start_verdict(
        *this,
        fmt::format("without its collapsed filters a network is no more accurate (by {:g}) than a uniformly "
                    "narrower one of as many multiplications",
                    margin));
    verdict.field = "difference of test accuracies after the last round, by seed";
    for (const Selection& side : {uniform, collapsed}) {
      verdict.note = missing_values(pruned_accuracy_change, {}, side, run);
      if (!verdict.note.empty()) return verdict;
    }
    std::map<double, SeedMeans> of_size;  // by multiplications
    for (const StoredTraining& training : run.trainings) {
      const auto last = training.pruned.find(training.rounds);
      if (last == training.pruned.end() || !selects(uniform, training.parameters)) continue;
      of_size[last->second.multiplications].add(seed_of(training.parameters), last->second.accuracy);
    }
    auto curves = curves_of_seeds(of_size);
    SeedMeans differences;
    std::size_t compared = 0, outside = 0;
    for (const StoredTraining& training : run.trainings) {
      const auto last = training.pruned.find(training.rounds);
      if (last == training.pruned.end() || !selects(collapsed, training.parameters)) continue;
      const std::int64_t seed = seed_of(training.parameters);
      const auto other = accuracy_at(curves[seed], last->second.multiplications);
      ++compared;
      if (other)
        differences.add(seed, last->second.accuracy - *other);
      else
        ++outside;
    }
    judge_direction(*this, differences.means(), margin, -1, 1, verdict);
    if (outside > 0) {
      verdict.note = fmt::format(
          "{} of the {} collapsed networks have fewer multiplications than every uniform one of their seed, or "
          "more",
          outside, compared);
      if (verdict.outcome == Outcome::pass) verdict.outcome = Outcome::inconclusive;
    }
    return verdict;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::Pruning> {
  using Struct = study::Pruning;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NetworkCheckOptions>::all,
      std::tuple{field("uniform", &Struct::uniform, "swept field -> value of the networks of several widths"),
                 field("collapsed", &Struct::collapsed,
                       "swept field -> value of the networks whose filters collapse"),
                 field("margin", &Struct::margin, "accuracy by which they may be better", from_to(0, 1))});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind pruning_check() { return check_kind<Pruning>(); }

}  // namespace bncollapse::study
