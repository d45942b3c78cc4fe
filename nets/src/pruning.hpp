#pragma once

#include "bncollapse/nets/collapse.hpp"
#include "network.hpp"

namespace bncollapse::nets {

/// The network, for evaluation, without the marked filters; see Trainer::prune.
Network pruned(const Network& network, const FilterMarks& marks, Removed removed);

}  // namespace bncollapse::nets
