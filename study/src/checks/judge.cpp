#include "bncollapse/study/judge.hpp"

#include <utility>

#include "spec/check_kind.hpp"

namespace bncollapse::study {
namespace {

template <class Base>
std::vector<Verdict> judge_by(const std::vector<EntryKind<Base>>& kinds, const typename Base::Run& run,
                              const WorkWatch& watch) {
  std::vector<Verdict> verdicts;
  double judged_checks = 0;
  const auto checks = read_checks(kinds, run.spec.at("checks"));
  for (const auto& [name, check] : checks) {
    if (watch) watch(judged_checks++ / static_cast<double>(checks.size()));
    for (Verdict& verdict : check->judge(run)) {
      verdict.check = name;
      verdicts.push_back(std::move(verdict));
    }
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
