#pragma once

#include <vector>

#include "bncollapse/study/training_point.hpp"
#include "spec/check_kind.hpp"

namespace bncollapse::study {

/// Checks of networks, about all points together.
using NetworkCheckKind = CheckKindOf<std::vector<TrainingPoint>, StoredNetworkRun>;

/// All kinds, in the order of the documentation.
const std::vector<NetworkCheckKind>& network_check_kinds();

// The checks, one source file each (src/checks/networks/).
NetworkCheckKind contrast_check();
NetworkCheckKind trend_check();
NetworkCheckKind level_check();
NetworkCheckKind early_inactivation_check();
NetworkCheckKind inactive_decay_check();
NetworkCheckKind pruning_check();

}  // namespace bncollapse::study
