#include "threaded_executor.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "block_runner.hpp"
#include "host/ordered_merge.hpp"

namespace bncollapse::sim {

std::int64_t ThreadedExecutor::share(int) const { return 16 * std::int64_t{threads_}; }

void ThreadedExecutor::run(std::span<const BlockWork> work, Progress& progress) const {
  for (const BlockWork& part : work) {
    part.experiment.precision == Precision::float32 ? run_as<float>(part, progress)
                                                    : run_as<double>(part, progress);
  }
}

template <class T>
void ThreadedExecutor::run_as(const BlockWork& work, Progress& progress) const {
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

}  // namespace bncollapse::sim
