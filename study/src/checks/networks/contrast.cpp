#include <fmt/format.h>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"

namespace bncollapse::study {
namespace {

std::string obstacle(const Json& check, const std::vector<TrainingPoint>& points) {
  if (std::string problem = sides_obstacle(check, "baseline", "variant", points); !problem.empty())
    return problem;
  for (const char* side : {"baseline", "variant"}) {
    if (std::string problem = round_obstacle(check, check.at(side), points); !problem.empty()) return problem;
  }
  return {};
}

Verdict judge(const Json& check, const StoredNetworkRun& run) {
  const std::string quantity = check.at("quantity"), direction = check.at("direction");
  Verdict verdict =
      start_verdict(check, fmt::format("{} {} from {} to {}", quantity, direction,
                                       shown(check.at("baseline")), shown(check.at("variant"))));
  verdict.field = fmt::format("difference of {} {}, paired by seed", quantity, round_text(check));
  for (const char* side : {"baseline", "variant"}) {
    verdict.note = missing_values(quantity, check.at("round"), check.at(side), run);
    if (!verdict.note.empty()) return verdict;
  }
  SeedMeans baseline, variant;
  for (const StoredTraining& training : run.trainings) {
    const auto value = value_of(training, quantity, check.at("round"));
    if (!value) continue;
    const std::int64_t seed = seed_of(training.parameters);
    if (selects(check.at("baseline"), training.parameters)) baseline.add(seed, *value);
    if (selects(check.at("variant"), training.parameters)) variant.add(seed, *value);
  }
  std::map<std::int64_t, double> differences;
  const auto before = baseline.means(), after = variant.means();
  for (const auto& [seed, value] : after) {
    if (before.contains(seed)) differences[seed] = value - before.at(seed);
  }
  judge_direction(check, differences, 0, sign_of(check), largest(largest(0, before), after), verdict);
  return verdict;
}

}  // namespace

NetworkCheckKind contrast_check() {
  return {"contrast", "a quantity rises or falls from one kind of training to another, paired by seed",
          network_check_fields(
              {quantity_field(),
               selection_field("baseline", "swept field -> value of the trainings to start from"),
               selection_field("variant", "swept field -> value of the trainings to compare with"),
               direction_field(), round_field()}),
          obstacle, one_verdict<judge>};
}

}  // namespace bncollapse::study
