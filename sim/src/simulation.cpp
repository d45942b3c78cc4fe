#include "simulation.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "block_runner.hpp"
#include "ordered_merge.hpp"
#include "splitting.hpp"

namespace bncollapse::sim {
namespace {

constexpr int largest_block = 1024;

/// Small experiments are cut finer, so that all threads get work. The threads themselves must not matter.
int block_size_of(std::int64_t trajectories) {
  constexpr std::int64_t wanted_blocks = 64;
  const std::int64_t size =
      (trajectories / wanted_blocks + maximum_width - 1) / maximum_width * maximum_width;
  return static_cast<int>(std::clamp<std::int64_t>(size, maximum_width, largest_block));
}

template <class T>
Estimates simulate_as(const Experiment& experiment, const Kernels& kernels, int threads,
                      const RunControl& control) {
  const PlannedStep<T> planned(experiment);
  const int block_size = block_size_of(experiment.trajectories);
  const std::int64_t blocks = (experiment.trajectories + block_size - 1) / block_size;
  const Recording& recording = experiment.recording;

  std::vector<RecordSums> sums(recording.steps.size());
  const std::int64_t groups = std::min(recording.groups, blocks);
  std::vector<std::vector<Moments>> changes(recording.steps.size(),
                                            std::vector<Moments>(static_cast<std::size_t>(groups)));
  std::int64_t merged_blocks = 0;
  Estimates estimates;
  OrderedMerge<BlockResult> merge(4 * std::int64_t{threads}, [&](BlockResult&& result) {
    if (result.diverged) throw Diverged(*result.diverged);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].merge(result.records[i]);
      if (groups > 0) {
        Moments& group = changes[i][static_cast<std::size_t>(merged_blocks * groups / blocks)];
        group = merged(group, result.records[i].best_change(recording));
      }
    }
    ++merged_blocks;
    estimates.paths.insert(estimates.paths.end(), result.paths.begin(), result.paths.end());
  });
  Counts counts(experiment);
  std::mutex counting;
  Progress progress(control);
  std::atomic<std::int64_t> next_block = 0;

#pragma omp parallel num_threads(static_cast <int>(std::min <std::int64_t>(threads, blocks)))
  try {
    BlockRunner<T> runner(experiment, planned.plan(), kernels, block_size, progress);
    for (std::int64_t block = next_block++; block < blocks && !progress.abandoned(); block = next_block++) {
      const std::int64_t first = block * block_size;
      const auto size = static_cast<int>(std::min<std::int64_t>(block_size, experiment.trajectories - first));
      merge.deliver(block, runner.run(first, size));
    }
    const std::lock_guard lock(counting);
    counts.merge(runner.counts());
  } catch (...) {
    progress.fail(std::current_exception());
    merge.cancel();
  }
  progress.rethrow();
  if (experiment.splitting) {
    estimates.rare_collapse = estimate_rare_collapse(experiment, kernels, threads, progress);
  }
  progress.finish();

  for (std::size_t i = 0; i < sums.size(); ++i) {
    estimates.records.push_back(sums[i].to_record(recording.steps[i], recording));
    for (const Moments& group : changes[i]) {
      estimates.records.back().change_by_group.push_back({group.mean, group.count});
    }
    if (recording.histograms) estimates.records.back().histograms = std::move(counts.histograms[i]);
  }
  estimates.first_activation = std::move(counts.first_activation);
  estimates.collapse_time = std::move(counts.collapse_time);
  std::sort(estimates.paths.begin(), estimates.paths.end(), [](const PathPoint& a, const PathPoint& b) {
    return a.path != b.path ? a.path < b.path : a.step < b.step;
  });
  return estimates;
}

}  // namespace

Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control) {
  validate(experiment);
  return experiment.precision == Precision::float32
             ? simulate_as<float>(experiment, kernels, threads, control)
             : simulate_as<double>(experiment, kernels, threads, control);
}

}  // namespace bncollapse::sim
