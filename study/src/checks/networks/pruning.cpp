#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

std::string obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  const bool all = std::all_of(points.begin(), points.end(),
                               [](const TrainingPoint& point) { return point.record_pruned; });
  if (!all) return "needs record.pruned true";
  return sides_obstacle(check, "uniform", "collapsed", points,
                        {"network.architecture", "network.depth", "network.width"});
}

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

/// Networks without their collapsed filters beside uniformly narrower ones of as many multiplications.
Verdict judge(const Json& check, const StoredNetworkRun& run) {
  const double margin = check.at("margin");
  Verdict verdict = start_verdict(
      check,
      fmt::format("without its collapsed filters a network is no more accurate (by {:g}) than a uniformly "
                  "narrower one of as many multiplications",
                  margin));
  verdict.field = "difference of test accuracies after the last round, by seed";
  for (const char* side : {"uniform", "collapsed"}) {
    verdict.note = missing_values(pruned_accuracy_change, nullptr, check.at(side), run);
    if (!verdict.note.empty()) return verdict;
  }
  std::map<double, SeedMeans> of_size;  // by multiplications
  for (const StoredTraining& training : run.trainings) {
    const auto last = training.pruned.find(training.rounds);
    if (last == training.pruned.end() || !selects(check.at("uniform"), training.parameters)) continue;
    of_size[last->second.multiplications].add(seed_of(training.parameters), last->second.accuracy);
  }
  auto uniform = curves_of_seeds(of_size);
  SeedMeans differences;
  std::size_t collapsed = 0, outside = 0;
  for (const StoredTraining& training : run.trainings) {
    const auto last = training.pruned.find(training.rounds);
    if (last == training.pruned.end() || !selects(check.at("collapsed"), training.parameters)) continue;
    const std::int64_t seed = seed_of(training.parameters);
    const auto other = accuracy_at(uniform[seed], last->second.multiplications);
    ++collapsed;
    if (other)
      differences.add(seed, last->second.accuracy - *other);
    else
      ++outside;
  }
  judge_direction(check, differences.means(), margin, -1, 1, verdict);
  if (outside > 0) {
    verdict.note = fmt::format(
        "{} of the {} collapsed networks have fewer multiplications than every uniform one of their seed, or "
        "more",
        outside, collapsed);
    if (verdict.outcome == Outcome::pass) verdict.outcome = Outcome::inconclusive;
  }
  return verdict;
}

}  // namespace

NetworkCheckKind pruning_check() {
  return {
      "pruning",
      "networks without their collapsed filters are no more accurate than uniformly narrower ones of as many "
      "multiplications",
      network_check_fields(
          {selection_field("uniform", "swept field -> value of the networks of several widths"),
           selection_field("collapsed", "swept field -> value of the networks whose filters collapse"),
           {"margin", number("accuracy by which they may be better", from_to(0, 1)).defaults_to(0.01)}}),
      obstacle, one_verdict<judge>};
}

}  // namespace bncollapse::study
