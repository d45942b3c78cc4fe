#include "spec/network_check_kind.hpp"

namespace bncollapse::study {

const std::vector<NetworkCheckKind>& network_check_kinds() {
  static const std::vector<NetworkCheckKind> kinds{contrast_check(),       trend_check(),
                                                   level_check(),          early_inactivation_check(),
                                                   inactive_decay_check(), pruning_check()};
  return kinds;
}

}  // namespace bncollapse::study
