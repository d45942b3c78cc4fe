#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"

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

/// The names of the quantities in the table `round_value` and of those made from the table `pruned`
/// (docs/ARCHITECTURE.md), each written once.
namespace network_quantity {

inline constexpr char test_accuracy[] = "test_accuracy";
inline constexpr char test_loss[] = "test_loss";
inline constexpr char train_accuracy[] = "train_accuracy";
inline constexpr char train_loss[] = "train_loss";
inline constexpr char ensemble_accuracy[] = "ensemble_accuracy";
inline constexpr char small_gamma_share[] = "small_gamma_share";
inline constexpr char small_gamma_share_1e2[] = "small_gamma_share_1e2";
inline constexpr char silent_share[] = "silent_share";
inline constexpr char flops_removed[] = "flops_removed";
inline constexpr char flops_removed_1e2[] = "flops_removed_1e2";
inline constexpr char flops_removed_silent[] = "flops_removed_silent";
inline constexpr char small_norm_share[] = "small_norm_share";
inline constexpr char pruned_accuracy_change[] = "pruned_accuracy_change";
inline constexpr char pruned_speedup[] = "pruned_speedup";

/// All of them, in this order.
std::vector<std::string> names();

}  // namespace network_quantity
}  // namespace bncollapse::study
