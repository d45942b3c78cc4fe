// One block of trajectories from start to end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/block_result.hpp"
#include "host/plan_experiment.hpp"
#include "host/progress.hpp"
#include "host/run_loop.hpp"
#include "kernel_table.hpp"
#include "rejection_free_block.hpp"

namespace bncollapse::sim {

/// One thread's workplace: arrays of a block, buffers, counts.
template <class T>
class BlockRunner {
 public:
  /// @param block_size  trajectories in a block, a multiple of maximum_width
  BlockRunner(const Experiment& experiment, const StepPlan<T>& plan, const Kernels& kernels, int block_size,
              Progress& progress);

  /// Runs `count` trajectories from `first_trajectory` (a multiple of the block size) on. Throws Interrupted.
  BlockResults run(std::int64_t first_trajectory, int count);

  const Counts& counts() const { return counts_; }

  // What run_all_steps asks for.
  bool look(std::int64_t step);
  void take_record(std::size_t index);
  bool holds_paths() const { return first_trajectory_ < experiment_.recording.paths; }
  void take_paths(std::int64_t step);
  void step_rejection_free(std::int64_t from, std::int64_t to);
  std::int64_t trajectories() const;
  SliceSize slice_size() const;
  void begin_slices(std::int64_t first_step, std::int64_t steps);
  void step_slice(std::int64_t begin, std::int64_t count, bool is_last);
  void end_slices(std::int64_t steps) { progress_.add(steps * count_); }

 private:
  void start();
  void take_times();
  void fill_probability(const NeuronArrays<T>& neuron, double* probability) const;

  const Experiment& experiment_;
  const StepPlan<T>& plan_;
  const Kernels& kernels_;
  const KernelsOf<T>& typed_kernels_;
  Progress& progress_;
  Advance<T> advance_;
  int block_size_;
  StartPlan start_;
  RateTable<T> rates_;
  std::optional<RejectionFreeBlock<T>> rejection_free_;
  Counts counts_;

  std::vector<T> state_;
  BlockArrays<T> block_;
  std::vector<std::int64_t> first_activation_, collapse_time_;
  std::vector<double> start_gamma_, start_beta_, start_probability_, probability_, antithetic_probability_;

  std::int64_t first_trajectory_ = 0;
  int count_ = 0;
  Slice<T> slice_;
  BlockResults results_;
};

}  // namespace bncollapse::sim
