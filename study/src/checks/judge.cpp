#include "bncollapse/study/judge.hpp"

#include <iterator>

#include "spec/check_kind.hpp"
#include "spec/network_check_kind.hpp"

namespace bncollapse::study {
namespace {

template <class Kind, class Run>
std::vector<Verdict> judge_by(const std::vector<Kind>& kinds, const Run& run, const WorkWatch& watch) {
  std::vector<Verdict> verdicts;
  double judged_checks = 0;
  const Json& checks = run.spec.at("checks");
  for (const Json& check : checks) {
    if (watch) watch(judged_checks++ / static_cast<double>(checks.size()));
    auto judged = kind_of(kinds, check).judge(check, run);
    std::move(judged.begin(), judged.end(), std::back_inserter(verdicts));
  }
  return verdicts;
}

}  // namespace

std::vector<Verdict> judge(const StoredRun& run, const WorkWatch& watch) {
  return judge_by(check_kinds(), run, watch);
}

std::vector<Verdict> judge(const StoredNetworkRun& run, const WorkWatch& watch) {
  return judge_by(network_check_kinds(), run, watch);
}

}  // namespace bncollapse::study
