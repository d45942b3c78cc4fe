#include "network_check_kind.hpp"

#include <algorithm>

namespace bncollapse::study {

const std::vector<NetworkCheckKind>& network_check_kinds() {
  static const std::vector<NetworkCheckKind> kinds{contrast_check(),       trend_check(),
                                                   level_check(),          early_inactivation_check(),
                                                   inactive_decay_check(), pruning_check()};
  return kinds;
}

const NetworkCheckKind& network_check_kind(const Json& check) {
  const auto& kinds = network_check_kinds();
  const auto& name = check.at("check").get_ref<const std::string&>();
  return *std::find_if(kinds.begin(), kinds.end(),
                       [&](const NetworkCheckKind& kind) { return kind.name == name; });
}

std::vector<Verdict> judge(const StoredNetworkRun& run, const WorkWatch& watch) {
  std::vector<Verdict> verdicts;
  const Json& checks = run.spec.at("checks");
  for (const Json& check : checks) {
    if (watch) watch(static_cast<double>(verdicts.size()) / static_cast<double>(checks.size()));
    verdicts.push_back(network_check_kind(check).judge(check, run));
  }
  return verdicts;
}

}  // namespace bncollapse::study
