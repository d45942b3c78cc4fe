#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/stored_network_run.hpp"
#include "bncollapse/study/training_point.hpp"
#include "bncollapse/study/verdict.hpp"
#include "description.hpp"

namespace bncollapse::study {

/// A kind of check of trained networks: the entry `{"check": name, ...fields}` of a spec and how it is
/// judged.
struct NetworkCheckKind {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  /// Why the check cannot be made of these trainings, with the remedy; empty where it can.
  std::string (*obstacle)(const Json& check, const std::vector<TrainingPoint>& points);
  Verdict (*judge)(const Json& check, const StoredNetworkRun& run);
};

/// All kinds, in the order of the documentation.
const std::vector<NetworkCheckKind>& network_check_kinds();
const NetworkCheckKind& network_check_kind(const Json& check);

// The checks, one source file each (src/checks/networks/).
NetworkCheckKind contrast_check();
NetworkCheckKind trend_check();
NetworkCheckKind level_check();
NetworkCheckKind early_inactivation_check();
NetworkCheckKind inactive_decay_check();
NetworkCheckKind pruning_check();

}  // namespace bncollapse::study
