#include "host/simulation.hpp"

#include <exception>
#include <utility>
#include <vector>

#include "block_merge.hpp"
#include "shared_blocks.hpp"
#include "splitting.hpp"
#include "threaded_executor.hpp"

namespace bncollapse::sim {
namespace {

/// Experiments that the executor takes together.
void simulate_together(std::span<const Experiment* const> experiments, const BlockExecutor& executor,
                       int threads, Progress& progress, const std::function<void(Estimates&&)>& take) {
  std::vector<BlockMerge> merges;
  std::vector<std::exception_ptr> failures(experiments.size());
  std::vector<BlockWork> work;
  merges.reserve(experiments.size());
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    BlockMerge& merge = merges.emplace_back(*experiments[i], threads);
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
  BlockMerge merge(experiment, threads);
  Progress progress(control);
  const auto run_blocks = [&](std::int64_t begin, std::int64_t end,
                              const std::function<void(BlockResults &&)>& take) {
    const BlockWork work = merge.work(begin, end, take);
    executor.run({&work, 1}, progress);
  };
  const auto take = [&](BlockResults&& result) { merge.take(std::move(result)); };
  if (control.communicator == nullptr) {
    run_blocks(0, merge.blocks(), take);
  } else {
    run_shared(*control.communicator, merge.blocks(), executor.share(merge.block_size()), run_blocks, take,
               merge.counts());
    if (!control.communicator->is_root()) return {};
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
