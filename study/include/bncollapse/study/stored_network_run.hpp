#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/quantity.hpp"

namespace bncollapse::study {

/// One normalised channel as recorded; `maximum` is its largest activation.
struct StoredChannel {
  std::int64_t layer = 0, channel = 0;
  double gamma = 0, maximum = 0;
};

/// A network without its filters of |gamma| < 1e-3, at a round's end.
struct StoredPruning {
  double multiplications = 0, accuracy = 0;
};

/// What a store holds of one training, as far as checks need it.
struct StoredTraining {
  std::int64_t index = 0;
  Json parameters = Json::object();  ///< swept field -> value
  bool finished = false;
  std::int64_t rounds = 0, epochs = 0, epoch_steps = 0;
  std::map<std::string, std::map<std::int64_t, double>> values;          ///< by quantity, then round
  std::map<std::int64_t, StoredPruning> pruned;                          ///< by round
  std::map<std::int64_t, std::vector<StoredChannel>> channels_of_round;  ///< over the training set
  std::map<std::int64_t, std::vector<StoredChannel>> channels_at_step;   ///< on the way
};

/// A run of trainings as read back from its store.
struct StoredNetworkRun {
  Json spec;  ///< resolved
  std::vector<StoredTraining> trainings;
};

/// The accuracy that a network loses with its filters of small |gamma|.
inline constexpr Quantity pruned_accuracy_change{"pruned_accuracy_change", "",
                                                 "accuracy of the pruned network less that of the whole one"};

/// What checks of networks judge at a round's end, in the order of the documentation: the quantities of the
/// table `round_value` and those made from the table `pruned`.
std::vector<std::string> names_of_network_quantities();

}  // namespace bncollapse::study
