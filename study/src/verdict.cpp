#include "bncollapse/study/verdict.hpp"

#include <algorithm>
#include <iterator>

#include "check_kind.hpp"

namespace bncollapse::study {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::pass:
      return "pass";
    case Outcome::fail:
      return "fail";
    case Outcome::out_of_range:
      return "out of range";
    case Outcome::inconclusive:
      break;
  }
  return "inconclusive";
}

std::vector<Verdict> judge(const StoredRun& run, const WorkWatch& watch) {
  std::vector<Verdict> verdicts;
  double judged_checks = 0;
  const Json& checks = run.spec.at("checks");
  for (const Json& check : checks) {
    if (watch) watch(judged_checks++ / static_cast<double>(checks.size()));
    auto judged = check_kind(check).judge(check, run);
    std::move(judged.begin(), judged.end(), std::back_inserter(verdicts));
  }
  return verdicts;
}

int exit_code(const std::vector<Verdict>& verdicts) {
  const auto any = [&](auto predicate) { return std::any_of(verdicts.begin(), verdicts.end(), predicate); };
  if (any([](const Verdict& verdict) { return verdict.outcome == Outcome::fail; })) return 1;
  const bool undecided = any([](const Verdict& verdict) {
    return verdict.outcome == Outcome::inconclusive ||
           (verdict.outcome == Outcome::out_of_range && !verdict.out_of_range_allowed);
  });
  return undecided ? 4 : 0;
}

}  // namespace bncollapse::study
