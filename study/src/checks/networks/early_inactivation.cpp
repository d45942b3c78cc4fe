#include <fmt/format.h>

#include <algorithm>

#include "checks/common.hpp"
#include "checks/networks/common.hpp"
#include "checks/networks/inactive_channels.hpp"

namespace bncollapse::study {
namespace {

using Channels = std::set<std::pair<std::int64_t, std::int64_t>>;  // layer, channel

Channels inactive_channels(const std::vector<StoredChannel>& channels) {
  Channels result;
  for (const StoredChannel& channel : channels) {
    if (is_inactive(channel)) result.insert({channel.layer, channel.channel});
  }
  return result;
}

struct EarlyInactivation final : NetworkCheck, NetworkCheckOptions {
  static constexpr std::string_view name = "early_inactivation";
  static constexpr std::string_view help =
      "most filters that become inactive in a round are so soon after the learning rate's jump "
      "at its start";
  std::int64_t within = 300, from_round = 2;
  double share = 0.5;
  Selection select;

  Obstacle obstacle(const std::vector<TrainingPoint>& points) const override {
    if (Obstacle obstacle = selection_obstacle({"select", select}, points)) return obstacle;
    if (const std::string shorter = shorter_training(select, from_round, points); !shorter.empty())
      return {fmt::format("begins at round {}, which {} does not reach", from_round, shorter), "from_round"};
    for (const TrainingPoint& point : points) {
      if (within > point.round_steps()) {
        return {fmt::format("looks {} steps into a round, and a round has {}", within, point.round_steps()),
                "within"};
      }
      const auto& steps = point.training.recording.steps;
      for (std::int64_t round = from_round; round <= point.training.rounds; ++round) {
        for (const std::int64_t offset : {std::int64_t{0}, within}) {
          const std::int64_t step = (round - 1) * point.round_steps() + offset;
          if (!std::binary_search(steps.begin(), steps.end(), step)) {
            return fmt::format("needs the channels at step {}: record.steps {{\"in_round\": [0, {}, ...]}}",
                               step, within);
          }
        }
      }
    }
    return {};
  }

  std::vector<Verdict> judge(const StoredNetworkRun& run) const override { return {verdict_of(run)}; }

 private:
  /// Of the filters that become inactive in a round, the share that is so `within` steps after its start.
  /// Pooled over the rounds from `from_round` on.
  Verdict verdict_of(const StoredNetworkRun& run) const {
    Verdict verdict = start_verdict(
        *this, fmt::format("of the filters that become inactive in a round, more than {:g} are so {} steps "
                           "after its learning rate jumps up",
                           share, within));
    verdict.field = fmt::format(
        "share inactive after {} steps, of the filters that become inactive in the round", within);
    SeedMeans means;
    for (const StoredTraining& training : run.trainings) {
      if (!selects(select, training.parameters)) continue;
      double early = 0, all = 0;
      const std::int64_t round_steps = training.epochs * training.epoch_steps;
      for (std::int64_t round = from_round; round <= training.rounds; ++round) {
        const std::int64_t start = (round - 1) * round_steps;
        const auto first = training.channels_at_step.find(start),
                   soon = training.channels_at_step.find(start + within);
        const auto last = training.channels_of_round.find(round);
        if (first == training.channels_at_step.end() || soon == training.channels_at_step.end() ||
            last == training.channels_of_round.end()) {
          continue;
        }
        const Channels before = inactive_channels(first->second), after = inactive_channels(soon->second);
        for (const auto& channel : inactive_channels(last->second)) {
          if (before.contains(channel)) continue;
          ++all;
          if (after.contains(channel)) ++early;
        }
      }
      if (all > 0) means.add(seed_of(training.parameters), early / all);
    }
    judge_direction(*this, means.means(), share, 1, 1, verdict);
    return verdict;
  }
};

}  // namespace
}  // namespace bncollapse::study

namespace bncollapse::fields {

template <>
struct Fields<study::EarlyInactivation> {
  using Struct = study::EarlyInactivation;
  static constexpr auto all = std::tuple_cat(
      Fields<study::NetworkCheckOptions>::all,
      std::tuple{field("within", &Struct::within, "steps after the round's start", from_to(1, 1e9)),
                 field("share", &Struct::share, "the share to exceed", from_to(0, 1)),
                 field("from_round", &Struct::from_round, "the first round that counts", from_to(1, 1000)),
                 field("select", &Struct::select, "swept field -> value of the trainings to look at")});
};

}  // namespace bncollapse::fields

namespace bncollapse::study {

NetworkCheckKind early_inactivation_check() { return check_kind<EarlyInactivation>(); }

}  // namespace bncollapse::study
