// What a walk in which rarely active neurons wait is told, for every engine: plain data.
#pragma once

#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "on_devices.hpp"
#include "step_plan.hpp"

namespace bncollapse::sim {

/// What a walk needs over steps that share a learning rate.
struct SilentPlan {
  StepPlan<double> step;
  double rate = 0;       ///< eta
  double shrink = 0;     ///< eta lambda
  double log_decay = 0;  ///< ln(1 - eta lambda)
  double outlook = 1;    ///< (1 - eta lambda)^silent_outlook
};

/// A neuron between its active samples. Times count steps, 0 for not yet.
struct SilentNeuron {
  double gamma = 0, beta = 0;
  std::uint64_t draws = 0;  ///< blocks of random words used so far
  std::int64_t first_activation = 0;
  std::int64_t collapse_time = 0;
  std::int64_t step = 0;   ///< reached
  std::int64_t until = 0;  ///< the step at which its walk ends

  BNC_ON_DEVICES bool is_walking() const { return step < until; }
  BNC_ON_DEVICES bool rests_at(std::int64_t there) const { return step == there && !is_walking(); }
};

/// Steps over which a neuron must stay seldom active to suit a silent walk.
inline constexpr std::int64_t silent_outlook = 2048;

/// A neuron that stopped to suit a silent walk is left at a multiple of so many steps.
inline constexpr std::int64_t silent_grain = 64;

/// The steps that neurons packed together take before they are sorted again.
struct SteppingRound {
  static constexpr std::int64_t longest = 1024;

  std::int64_t end = 0;
  /// Of neurons that stopped to suit in between: their pack's draws are those of a trajectory that no
  /// experiment has.
  bool is_late = false;

  /// The round from `step` on of a walk from `from` to `to`.
  BNC_ON_DEVICES static SteppingRound after(std::int64_t step, std::int64_t from, std::int64_t to) {
    const bool is_late = step != from && step % longest != 0;
    const std::int64_t stretch = is_late ? silent_grain : longest;
    const std::int64_t next = (step / stretch + 1) * stretch;
    return {next < to ? next : to, is_late};
  }
  BNC_ON_DEVICES std::uint64_t first_trajectory(std::uint64_t of_block) const {
    return of_block + (is_late ? std::uint64_t{maximum_trajectories} : 0);
  }
};

}  // namespace bncollapse::sim
