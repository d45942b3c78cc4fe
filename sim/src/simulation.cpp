#include "simulation.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <utility>

#include "archive.hpp"
#include "block_runner.hpp"
#include "ordered_merge.hpp"
#include "splitting.hpp"

namespace bncollapse::sim {

template <class A, PartsOf<BlockResults> B>
void archive(A& a, B& b) {
  a(b.blocks), a(b.records), a(b.paths), a(b.diverged);
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

/// The blocks in rounds: each member runs a share of consecutive blocks, at most `share`, the root takes all
/// shares in order.
template <class RunBlocks, class Take>
void run_shared(const Team& team, std::int64_t blocks, std::int64_t share, const RunBlocks& run_blocks,
                const Take& take, Counts& counts) {
  share = std::min(share, (blocks + team.size() - 1) / team.size());
  for (std::int64_t round = 0; round < blocks; round += share * team.size()) {
    std::vector<BlockResults> mine;
    const std::int64_t begin = std::min(round + share * team.rank(), blocks);
    const std::int64_t end = std::min(begin + share, blocks);
    run_blocks(begin, end, [&](BlockResults&& result) { mine.push_back(std::move(result)); });
    ByteWriter writer;
    writer(mine);
    for (const Bytes& bytes : team.gather(writer.take())) {
      ByteReader reader(bytes);
      std::vector<BlockResults> results;
      reader(results);
      for (BlockResults& result : results) take(std::move(result));
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
  void run(std::span<const BlockWork> work, Progress& progress) const override {
    for (const BlockWork& part : work) {
      part.experiment.precision == Precision::float32 ? run_as<float>(part, progress)
                                                      : run_as<double>(part, progress);
    }
  }

 private:
  template <class T>
  void run_as(const BlockWork& work, Progress& progress) const {
    const Experiment& experiment = work.experiment;
    const BlockRange& blocks = work.blocks;
    const PlannedStep<T> planned(experiment);
    std::mutex counting;
    OrderedMerge<BlockResults> merge(4 * std::int64_t{threads_}, work.take);
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
      work.counts.merge(runner.counts());
    } catch (...) {
      progress.fail(std::current_exception());
      merge.cancel();
    }
    progress.rethrow();
  }

  const Kernels& kernels_;
  int threads_;
};

/// The results of an experiment's blocks, merged into its estimates.
class Merge {
 public:
  Merge(const Experiment& experiment, int threads)
      : experiment_(experiment),
        threads_(threads),
        block_size_(block_size_of(experiment)),
        blocks_((experiment.trajectories + block_size_ - 1) / block_size_),
        sums_(experiment.recording.steps.size()),
        groups_(std::min(experiment.recording.groups, blocks_)),
        changes_(sums_.size(), std::vector<Moments>(static_cast<std::size_t>(groups_))),
        counts_(experiment) {}

  int block_size() const { return block_size_; }
  std::int64_t blocks() const { return blocks_; }
  Counts& counts() { return counts_; }
  BlockWork work(std::int64_t begin, std::int64_t end, std::function<void(BlockResults&&)> take) {
    return {experiment_, {block_size_, begin, end}, std::move(take), counts_};
  }

  /// The next blocks'.
  void take(BlockResults&& results) {
    if (results.diverged) throw Diverged(results.diverged->step, results.diverged->trajectory);
    const auto blocks = static_cast<std::size_t>(results.blocks);
    const std::int64_t sums = std::ssize(results.records);
    const int threads =
        sums < sums_worth_threads ? 1 : static_cast<int>(std::min<std::int64_t>(threads_, std::ssize(sums_)));
    const auto merge = [&](std::size_t i) { merge_record(i, {&results.records[i * blocks], blocks}); };
    if (threads > 1) {
#pragma omp parallel for num_threads(threads)
      for (std::size_t i = 0; i < sums_.size(); ++i) merge(i);
    } else {
      for (std::size_t i = 0; i < sums_.size(); ++i) merge(i);
    }
    taken_ += results.blocks;
    paths_.insert(paths_.end(), results.paths.begin(), results.paths.end());
  }

  /// Once all blocks are taken.
  Estimates estimates() {
    const Recording& recording = experiment_.recording;
    Estimates estimates;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      estimates.records.push_back(sums_[i].to_record(recording.steps[i], recording));
      for (const Moments& group : changes_[i]) {
        estimates.records.back().change_by_group.push_back({group.mean, group.count});
      }
      if (recording.histograms) estimates.records.back().histograms = std::move(counts_.histograms[i]);
    }
    estimates.first_activation = std::move(counts_.first_activation);
    estimates.collapse_time = std::move(counts_.collapse_time);
    std::sort(paths_.begin(), paths_.end(), [](const PathPoint& a, const PathPoint& b) {
      return a.path != b.path ? a.path < b.path : a.step < b.step;
    });
    estimates.paths = std::move(paths_);
    return estimates;
  }

 private:
  static constexpr std::int64_t sums_worth_threads = 4096;  // a merge takes 50 ns

  void merge_record(std::size_t record, std::span<const RecordSums> blocks) {
    std::int64_t number = taken_;
    for (const RecordSums& block : blocks) {
      sums_[record].merge(block);
      if (groups_ > 0) {
        Moments& group = changes_[record][static_cast<std::size_t>(number * groups_ / blocks_)];
        group = merged(group, block.best_change(experiment_.recording));
      }
      ++number;
    }
  }

  const Experiment& experiment_;
  int threads_;
  int block_size_;
  std::int64_t blocks_;
  std::vector<RecordSums> sums_;
  std::int64_t groups_;
  std::vector<std::vector<Moments>> changes_;
  Counts counts_;
  std::vector<PathPoint> paths_;
  std::int64_t taken_ = 0;
};

/// Experiments that the executor takes together.
void simulate_together(std::span<const Experiment* const> experiments, const BlockExecutor& executor,
                       int threads, Progress& progress, const std::function<void(Estimates&&)>& take) {
  std::vector<Merge> merges;
  std::vector<std::exception_ptr> failures(experiments.size());
  std::vector<BlockWork> work;
  merges.reserve(experiments.size());
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    Merge& merge = merges.emplace_back(*experiments[i], threads);
    work.push_back(merge.work(0, merge.blocks(), [&merge, &failure = failures[i]](BlockResults&& result) {
      if (failure) return;
      try {
        merge.take(std::move(result));
      } catch (const Diverged&) {
        failure = std::current_exception();  // of this one alone
      }
    }));
  }
  executor.run(work, progress);
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    if (failures[i]) std::rethrow_exception(failures[i]);
    take(merges[i].estimates());
  }
}

}  // namespace

Estimates simulate(const Experiment& experiment, const BlockExecutor& executor, const Kernels& kernels,
                   int threads, const RunControl& control) {
  validate(experiment);
  Merge merge(experiment, threads);
  Progress progress(control);
  const auto run_blocks = [&](std::int64_t begin, std::int64_t end,
                              const std::function<void(BlockResults &&)>& take) {
    const BlockWork work = merge.work(begin, end, take);
    executor.run({&work, 1}, progress);
  };
  const auto take = [&](BlockResults&& result) { merge.take(std::move(result)); };
  if (control.team == nullptr) {
    run_blocks(0, merge.blocks(), take);
  } else {
    run_shared(*control.team, merge.blocks(), executor.share(merge.block_size()), run_blocks, take,
               merge.counts());
    if (!control.team->is_root()) return {};
  }
  Estimates estimates = merge.estimates();
  if (experiment.splitting) {
    estimates.rare_collapse = estimate_rare_collapse(experiment, kernels, threads, progress);
  }
  progress.finish();
  return estimates;
}

void simulate_many(std::span<const Experiment* const> experiments, const BlockExecutor& executor,
                   const Kernels& kernels, int threads, const RunControl& control,
                   const std::function<void(Estimates&&)>& take) {
  for (const Experiment* experiment : experiments) validate(*experiment);
  std::int64_t before = 0;
  while (!experiments.empty()) {
    const std::size_t count = executor.together(experiments);
    RunControl part = control;
    if (control.on_progress) {
      part.on_progress = [&control, before](std::int64_t done) { control.on_progress(before + done); };
    }
    for (const Experiment* experiment : experiments.first(count)) {
      before += experiment->trajectories * experiment->steps;
    }
    if (count == 1) {
      take(simulate(*experiments.front(), executor, kernels, threads, part));
    } else {
      Progress progress(part);
      simulate_together(experiments.first(count), executor, threads, progress, take);
      progress.finish();
    }
    experiments = experiments.subspan(count);
  }
}

Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control) {
  return simulate(experiment, ThreadedExecutor(kernels, threads), kernels, threads, control);
}

}  // namespace bncollapse::sim
