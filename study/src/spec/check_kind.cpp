#include "spec/check_kind.hpp"

#include <algorithm>
#include <iterator>

namespace bncollapse::study {

const std::vector<CheckKind>& check_kinds() {
  static const std::vector<CheckKind> kinds = [] {
    std::vector<CheckKind> all;
    for (auto family :
         {drift_checks(), scaling_checks(), decay_checks(), activation_checks(), comparison_checks()}) {
      std::move(family.begin(), family.end(), std::back_inserter(all));
    }
    return all;
  }();
  return kinds;
}

const std::vector<NetworkCheckKind>& network_check_kinds() {
  static const std::vector<NetworkCheckKind> kinds{contrast_check(),       trend_check(),
                                                   level_check(),          early_inactivation_check(),
                                                   inactive_decay_check(), pruning_check()};
  return kinds;
}

}  // namespace bncollapse::study
