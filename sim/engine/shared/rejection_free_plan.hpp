// What a rejection-free walk is told: rarely active neurons wait, the others step. Plain data, for every
// engine.
#pragma once

#include <cstdint>

#include "shared/on_devices.hpp"
#include "shared/step_plan.hpp"

namespace bncollapse::sim {

/// What a rejection-free walker needs over steps that share a learning rate.
struct RejectionFreePlan {
  StepPlan<double> step;
  double rate = 0;             ///< eta
  double shrink = 0;           ///< eta lambda
  double log_decay = 0;        ///< ln(1 - eta lambda)
  double lookahead_decay = 1;  ///< (1 - eta lambda)^lookahead_steps
};

/// A rarely active neuron between its active samples. Times count steps, 0 for not yet.
struct WaitingNeuron {
  double gamma = 0, beta = 0;
  std::uint64_t draws = 0;  ///< blocks of random words used so far
  std::int64_t first_activation = 0;
  std::int64_t collapse_time = 0;
  std::int64_t step = 0;   ///< reached
  std::int64_t until = 0;  ///< the step at which its walk ends

  BNC_ON_DEVICES bool is_waiting() const { return step < until; }
  BNC_ON_DEVICES bool has_stepped_to(std::int64_t there) const { return step == there && !is_waiting(); }
};

/// Steps over which a neuron must stay rarely active so that it can wait.
inline constexpr std::int64_t lookahead_steps = 2048;

/// A neuron that can wait no longer stops at the next multiple of so many steps.
inline constexpr std::int64_t resort_interval = 64;

/// The steps that a stepping set, neurons that step side by side, takes before it is sorted again.
struct SteppingRound {
  static constexpr std::int64_t longest = 1024;

  std::int64_t end = 0;
  /// The set holds neurons that stopped waiting in the middle of a round. Its draws are those of a trajectory
  /// that no experiment has.
  bool is_mid_round = false;

  /// The round from `step` on of a walk from `from` to `to`.
  BNC_ON_DEVICES static SteppingRound after(std::int64_t step, std::int64_t from, std::int64_t to) {
    const bool is_mid_round = step != from && step % longest != 0;
    const std::int64_t stretch = is_mid_round ? resort_interval : longest;
    const std::int64_t next = (step / stretch + 1) * stretch;
    return {next < to ? next : to, is_mid_round};
  }
  BNC_ON_DEVICES std::uint64_t first_trajectory(std::uint64_t of_block) const {
    return of_block + (is_mid_round ? std::uint64_t{maximum_trajectories} : 0);
  }
};

}  // namespace bncollapse::sim
