#include "simulation.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

#include "archive.hpp"
#include "block_runner.hpp"
#include "ordered_merge.hpp"
#include "splitting.hpp"

namespace bncollapse::sim {

template <class A, PartsOf<BlockResult> B>
void archive(A& a, B& b) {
  a(b.records), a(b.paths), a(b.diverged);
}
template <class A, PartsOf<Counts> C>
void archive(A& a, C& c) {
  a(c.histograms), a(c.first_activation), a(c.collapse_time);
}

namespace {

constexpr int largest_block = 1024;

/// Small experiments are cut finer, so that all threads get work. The threads themselves must not matter.
/// Neurons that wait leave gaps: larger blocks have enough others to fill a vector.
int block_size_of(const Experiment& experiment) {
  const std::int64_t wanted_blocks = experiment.rejection_free ? 16 : 64;
  const std::int64_t size =
      (experiment.trajectories / wanted_blocks + maximum_width - 1) / maximum_width * maximum_width;
  return static_cast<int>(std::clamp<std::int64_t>(size, maximum_width, largest_block));
}

/// The blocks in rounds: each member runs a share of consecutive blocks, the root takes all shares in order.
template <class RunBlocks, class Take>
void run_shared(const Team& team, std::int64_t blocks, std::int64_t share, const RunBlocks& run_blocks,
                const Take& take, Counts& counts) {
  for (std::int64_t round = 0; round < blocks; round += share * team.size()) {
    std::vector<BlockResult> mine;
    const std::int64_t begin = std::min(round + share * team.rank(), blocks);
    const std::int64_t end = std::min(begin + share, blocks);
    run_blocks(begin, end, [&](BlockResult&& result) { mine.push_back(std::move(result)); });
    ByteWriter writer;
    writer(mine);
    for (const Bytes& bytes : team.gather(writer.take())) {
      ByteReader reader(bytes);
      std::vector<BlockResult> results;
      reader(results);
      for (BlockResult& result : results) take(std::move(result));
    }
  }
  ByteWriter writer;
  writer(counts);
  const std::vector<Bytes> all = team.gather(writer.take());
  for (std::size_t member = 1; member < all.size(); ++member) {
    Counts theirs = counts;
    ByteReader reader(all[member]);
    reader(theirs);
    counts.merge(theirs);
  }
}

/// Blocks by threads of this processor.
class ThreadedExecutor final : public BlockExecutor {
 public:
  ThreadedExecutor(const Kernels& kernels, int threads) : kernels_(kernels), threads_(threads) {}

  std::int64_t share(int) const override { return 16 * std::int64_t{threads_}; }
  void run(const Experiment& experiment, const BlockRange& blocks,
           const std::function<void(BlockResult&&)>& take, Counts& counts,
           Progress& progress) const override {
    experiment.precision == Precision::float32 ? run_as<float>(experiment, blocks, take, counts, progress)
                                               : run_as<double>(experiment, blocks, take, counts, progress);
  }

 private:
  template <class T>
  void run_as(const Experiment& experiment, const BlockRange& blocks,
              const std::function<void(BlockResult&&)>& take, Counts& counts, Progress& progress) const {
    const PlannedStep<T> planned(experiment);
    std::mutex counting;
    OrderedMerge<BlockResult> merge(4 * std::int64_t{threads_}, take);
    std::atomic<std::int64_t> next_block = blocks.begin;
    const auto workers = static_cast<int>(std::clamp<std::int64_t>(blocks.end - blocks.begin, 1, threads_));
#pragma omp parallel num_threads(workers)
    try {
      BlockRunner<T> runner(experiment, planned.plan(), kernels_, blocks.size, progress);
      for (std::int64_t block = next_block++; block < blocks.end && !progress.abandoned();
           block = next_block++) {
        const std::int64_t first = block * blocks.size;
        const auto size =
            static_cast<int>(std::min<std::int64_t>(blocks.size, experiment.trajectories - first));
        merge.deliver(block - blocks.begin, runner.run(first, size));
      }
      const std::lock_guard lock(counting);
      counts.merge(runner.counts());
    } catch (...) {
      progress.fail(std::current_exception());
      merge.cancel();
    }
    progress.rethrow();
  }

  const Kernels& kernels_;
  int threads_;
};

}  // namespace

Estimates simulate(const Experiment& experiment, const BlockExecutor& executor, const Kernels& kernels,
                   int threads, const RunControl& control) {
  validate(experiment);
  const int block_size = block_size_of(experiment);
  const std::int64_t blocks = (experiment.trajectories + block_size - 1) / block_size;
  const Recording& recording = experiment.recording;

  std::vector<RecordSums> sums(recording.steps.size());
  const std::int64_t groups = std::min(recording.groups, blocks);
  std::vector<std::vector<Moments>> changes(recording.steps.size(),
                                            std::vector<Moments>(static_cast<std::size_t>(groups)));
  std::int64_t merged_blocks = 0;
  Estimates estimates;
  const auto take = [&](BlockResult&& result) {
    if (result.diverged) throw Diverged(result.diverged->step, result.diverged->trajectory);
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums[i].merge(result.records[i]);
      if (groups > 0) {
        Moments& group = changes[i][static_cast<std::size_t>(merged_blocks * groups / blocks)];
        group = merged(group, result.records[i].best_change(recording));
      }
    }
    ++merged_blocks;
    estimates.paths.insert(estimates.paths.end(), result.paths.begin(), result.paths.end());
  };
  Counts counts(experiment);
  Progress progress(control);

  const auto run_blocks = [&](std::int64_t begin, std::int64_t end,
                              const std::function<void(BlockResult &&)>& take_result) {
    executor.run(experiment, {block_size, begin, end}, take_result, counts, progress);
  };
  if (control.team == nullptr) {
    run_blocks(0, blocks, take);
  } else {
    run_shared(*control.team, blocks, executor.share(block_size), run_blocks, take, counts);
    if (!control.team->is_root()) return {};
  }
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

Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control) {
  return simulate(experiment, ThreadedExecutor(kernels, threads), kernels, threads, control);
}

}  // namespace bncollapse::sim
