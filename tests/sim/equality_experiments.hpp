// Experiments on which every engine must give the same bits.
#pragma once

#include <string>
#include <vector>

#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::sim::testing {

struct NamedExperiment {
  std::string name;
  Experiment experiment;
};

/// Every optimizer, draw kind, batch and precision; every law of x and of the noise; every start and
/// schedule; many blocks; more steps than one table of rates holds.
std::vector<NamedExperiment> equality_experiments();

}  // namespace bncollapse::sim::testing
