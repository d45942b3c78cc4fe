#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

std::string obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = selection_obstacle(check.at("select"), points); !problem.empty()) return problem;
  return round_obstacle(check, check.at("select"), points);
}

Verdict judge_one_kind(const Json& check, const SeedMeans& means) {
  const std::string quantity = check.at("quantity"), direction = check.at("direction");
  const double bound = check.at("bound");
  Verdict verdict = start_verdict(check, fmt::format("{} {} {:g}", quantity, direction, bound));
  verdict.field = fmt::format("{} {}", quantity, round_text(check));
  const auto by_seed = means.means();
  judge_direction(check, by_seed, bound, sign_of(check), largest(std::abs(bound), by_seed), verdict);
  return verdict;
}

/// Every kind of training must lie there. The verdict is that of the kind that does so least; each is judged
/// at its share of the level (Bonferroni).
Verdict judge(const Json& check, const StoredNetworkRun& run) {
  const std::string missing =
      missing_values(check.at("quantity"), check.at("round"), check.at("select"), run);
  std::map<Json, SeedMeans> kinds;
  for (const StoredTraining& training : run.trainings) {
    if (!selects(check.at("select"), training.parameters)) continue;
    if (const auto value = value_of(training, check.at("quantity"), check.at("round")))
      kinds[other_fields(training.parameters)].add(seed_of(training.parameters), *value);
  }
  if (kinds.empty() || !missing.empty()) {
    Verdict verdict = judge_one_kind(check, {});
    if (!missing.empty()) verdict.note = missing;
    return verdict;
  }
  Json shared = check;
  shared["level"] = check.at("level").get<double>() / static_cast<double>(kinds.size());
  const auto rank = [&](const Verdict& verdict) {
    const int outcome = verdict.outcome == Outcome::fail ? 0 : verdict.outcome == Outcome::pass ? 2 : 1;
    return std::pair{outcome, sign_of(check) * (verdict.measured - check.at("bound").get<double>())};
  };
  std::optional<Verdict> least;
  for (const auto& [kind, means] : kinds) {
    Verdict verdict = judge_one_kind(shared, means);
    if (kinds.size() > 1) {
      verdict.note += fmt::format("{}the least of {} kinds of trainings: {}",
                                  verdict.note.empty() ? "" : "; ", kinds.size(), shown(kind));
    }
    if (!least || rank(verdict) < rank(*least)) least = std::move(verdict);
  }
  return *least;
}

}  // namespace

NetworkCheckKind level_check() {
  return {"level", "a quantity lies above or below a bound",
          network_check_fields({quantity_field(),
                                {"direction", text("where it lies", {"above", "below"})},
                                {"bound", number("the bound")},
                                selection_field("select", "swept field -> value of the trainings to look at"),
                                round_field()}),
          obstacle, one_verdict<judge>};
}

}  // namespace bncollapse::study
