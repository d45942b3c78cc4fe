// The run of some trajectories from their start to the last step: the order of steps, looks and records,
// written once for all engines.
#pragma once

#include <algorithm>
#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "host/plan_experiment.hpp"

namespace bncollapse::sim {

/// How many trajectories and steps an engine takes at once.
struct SliceSize {
  std::int64_t trajectories = 1, steps = 1;
};

/// @param work          trajectory-steps of a slice
/// @param trajectories  of a slice
inline SliceSize slice_of(std::int64_t work, std::int64_t trajectories) {
  return {trajectories, std::clamp<std::int64_t>(work / trajectories, 1, rate_table_capacity)};
}

/// Takes trajectories through all steps of the experiment.
///
/// @param run  trajectories at their start; it must offer
///   bool look(step)                         at the start, after each stretch of steps: whether to go on
///   void take_record(index)                 the state is that of recording.steps[index]
///   bool holds_paths()                      whether whole trajectories are recorded
///   void take_paths(step)
///   void step_rejection_free(from, to)      steps that share a learning rate, where some neurons wait
///   std::int64_t trajectories()             how many to step
///   SliceSize slice_size()                  how many of them, and how many steps, a slice takes
///   void begin_slices(first_step, steps)    what follows are slices of these steps
///   void step_slice(begin, count, is_last)  these trajectories through these steps; is_last: a look follows
///   void end_slices(steps)                  all trajectories have taken them
template <class Trajectories>
void run_all_steps(const Experiment& experiment, Trajectories& run) {
  const Recording& recording = experiment.recording;
  const bool holds_paths = run.holds_paths();
  const auto step_to = [&](std::int64_t from, std::int64_t to) {
    if (experiment.rejection_free) {
      while (from < to) {
        const std::int64_t end = end_of_rate(experiment.schedule, from, to);
        run.step_rejection_free(from, end);
        from = end;
      }
      return;
    }
    const SliceSize slice = run.slice_size();
    while (from < to) {
      const std::int64_t steps = std::min(slice.steps, to - from);
      run.begin_slices(from, steps);
      for (std::int64_t begin = 0; begin < run.trajectories(); begin += slice.trajectories) {
        run.step_slice(begin, std::min(slice.trajectories, run.trajectories() - begin), from + steps == to);
      }
      run.end_slices(steps);
      from += steps;
    }
  };
  std::size_t record = 0;
  for (std::int64_t step = 0; run.look(step);) {
    if (record < recording.steps.size() && recording.steps[record] == step) run.take_record(record++);
    if (holds_paths && step % recording.path_stride == 0) run.take_paths(step);
    if (step == experiment.steps) return;
    std::int64_t next = experiment.steps;
    if (record < recording.steps.size()) next = std::min(next, recording.steps[record]);
    if (holds_paths) next = std::min(next, (step / recording.path_stride + 1) * recording.path_stride);
    step_to(step, next);
    step = next;
  }
}

}  // namespace bncollapse::sim
