// One block of trajectories from start to end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "block_result.hpp"
#include "kernel_table.hpp"
#include "plan_experiment.hpp"
#include "progress.hpp"
#include "rejection_free.hpp"

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

 private:
  void start();
  void walk_to(std::int64_t step);
  RecordSums take_record(std::size_t index);
  void take_paths(std::int64_t step, std::vector<PathPoint>& paths) const;
  void take_times();
  std::optional<Divergence> find_divergence() const;
  void fill_probability(const NeuronArrays<T>& neuron, double* probability) const;
  void count_histograms(RecordHistograms& histograms) const;
  bool holds_paths() const { return first_trajectory_ < experiment_.recording.paths; }

  const Experiment& experiment_;
  const StepPlan<T>& plan_;
  const Kernels& kernels_;
  const KernelsOf<T>& typed_kernels_;
  Progress& progress_;
  Advance<T> advance_;
  int block_size_;
  RateTable<T> rates_;
  std::optional<RejectionFreeWalk<T>> rejection_free_;
  Counts counts_;

  std::vector<T> state_;
  BlockArrays<T> block_;
  std::vector<std::int64_t> first_activation_, collapse_time_;
  std::vector<double> start_gamma_, start_beta_, start_probability_, probability_, twin_probability_;

  std::int64_t first_trajectory_ = 0;
  int count_ = 0;
  std::int64_t step_ = 0;
};

}  // namespace bncollapse::sim
