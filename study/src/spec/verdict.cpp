#include "bncollapse/study/verdict.hpp"

#include <algorithm>

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
