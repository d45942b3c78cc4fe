#pragma once

#include <vector>

#include "bncollapse/study/training_point.hpp"
#include "check_kind.hpp"

namespace bncollapse::study {

/// Checks of networks, about all points together.
using NetworkCheckKind = CheckKindOf<std::vector<TrainingPoint>, StoredNetworkRun>;

/// All kinds, in the order of the documentation.
const std::vector<NetworkCheckKind>& network_check_kinds();

}  // namespace bncollapse::study
