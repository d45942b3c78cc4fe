// A block of trajectories in which rarely active neurons wait and the others step.
#pragma once

#include <cstdint>
#include <vector>

#include "host/plan_experiment.hpp"
#include "host/progress.hpp"
#include "kernel_table.hpp"
#include "shared/rejection_free_plan.hpp"

namespace bncollapse::sim {

/// Neurons are sorted anew at multiples of SteppingRound::longest steps. A neuron that can wait does so by
/// itself (RejectionFreeWalker). The others form the stepping set: they stand side by side, and the kernels
/// step them. A neuron that stops waiting in the middle of a round joins a stepping set of its own kind,
/// which steps from one multiple of resort_interval to the next until all are sorted again.
///
/// The neuron in place i of the stepping set takes the draws of trajectory i of the block; in a set of the
/// middle of a round it takes those of a trajectory that no experiment has. No draw is used twice, and which
/// one a neuron gets depends on the past alone, so the law is exact.
template <class T>
class RejectionFreeBlock {
 public:
  RejectionFreeBlock(const Experiment& experiment, Advance<T> advance, int width, TakeWaits take_waits,
                     int block_size);

  /// Before the first step of a block.
  void start();

  /// Advances the first `count` elements of the block's arrays from step `from` to `to`, which share a
  /// learning rate. Throws Interrupted.
  void run(const StepPlan<T>& plan, const BlockArrays<T>& block, int count, std::uint64_t first_trajectory,
           std::int64_t from, std::int64_t to, RateTable<T>& rates, Progress& progress);

 private:
  /// Waits of one neuron between two looks at RunControl::stop.
  static constexpr std::int64_t waits_at_once = std::int64_t{1} << 16;

  void wait(const BlockArrays<T>& block, int i, std::uint64_t trajectory, std::int64_t step, std::int64_t to,
            const Progress& progress);
  void step_side_by_side(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block);

  const Experiment& experiment_;
  PlannedStep<double> planned_;
  RejectionFreePlan rejection_free_plan_;  ///< of the present learning rate
  Advance<T> advance_;
  int width_;
  TakeWaits take_waits_;
  std::vector<std::uint64_t> draws_;   ///< of each neuron
  std::vector<std::int64_t> reached_;  ///< the step that each neuron has reached
  std::vector<int> stepping_;          ///< the neurons of the stepping set
  std::vector<T> gamma_, beta_;        ///< their state, side by side
  std::vector<std::int64_t> activation_, collapse_;
};

}  // namespace bncollapse::sim
