// A block's walk in which rarely active neurons wait and the others step.
#pragma once

#include <cstdint>
#include <vector>

#include "kernel_table.hpp"
#include "plan_experiment.hpp"
#include "progress.hpp"
#include "silent_plan.hpp"

namespace bncollapse::sim {

/// Neurons are sorted anew at multiples of SteppingRound::longest steps: a neuron that suits SilentWalk walks
/// by itself, the others are packed side by side and stepped by the kernels. Those that stop to suit in
/// between are the late ones: packed by themselves, they step from one multiple of silent_grain to the next,
/// where others join them, until all are sorted again.
///
/// The neuron in place i of the pack takes the draws of trajectory i of the block, in the pack of the late
/// ones those of a trajectory that no experiment has. No draw is used twice, and which one a neuron gets
/// depends on the past alone, so the law is exact.
template <class T>
class RejectionFreeWalk {
 public:
  RejectionFreeWalk(const Experiment& experiment, Advance<T> advance, int width, WalkSilently walk_silently,
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

  void walk(const BlockArrays<T>& block, int i, std::uint64_t trajectory, std::int64_t step, std::int64_t to,
            const Progress& progress);
  void step_packed(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block);

  const Experiment& experiment_;
  PlannedStep<double> planned_;
  SilentPlan silent_plan_;  ///< of the present learning rate
  Advance<T> advance_;
  int width_;
  WalkSilently walk_silently_;
  std::vector<std::uint64_t> draws_;   ///< of each neuron
  std::vector<std::int64_t> reached_;  ///< the step that each neuron has reached
  std::vector<int> packed_;            ///< the neurons in the pack
  std::vector<T> gamma_, beta_;        ///< the pack
  std::vector<std::int64_t> activation_, collapse_;
};

}  // namespace bncollapse::sim
