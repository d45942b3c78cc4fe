// An experiment from start to estimates, on whatever runs its blocks.
#pragma once

#include <cstdint>
#include <functional>

#include "block_result.hpp"
#include "bncollapse/sim/engine.hpp"
#include "kernel_table.hpp"
#include "progress.hpp"

namespace bncollapse::sim {

/// Consecutive blocks of an experiment's trajectories; the last block of all may be shorter than `size`.
struct BlockRange {
  int size = 0;  ///< trajectories in a block, a multiple of maximum_width
  std::int64_t begin = 0, end = 0;
};

/// What runs blocks: threads of this processor, or devices.
class BlockExecutor {
 public:
  virtual ~BlockExecutor() = default;
  /// Blocks that keep it busy, a team's share of a round.
  virtual std::int64_t share(int block_size) const = 0;
  /// Hands the blocks' results to `take`, in the order of blocks and from one thread at a time, and adds to
  /// `counts`. Throws Interrupted and what `take` throws.
  virtual void run(const Experiment& experiment, const BlockRange& blocks,
                   const std::function<void(BlockResult&&)>& take, Counts& counts,
                   Progress& progress) const = 0;
};

/// Trajectories are cut into blocks of a size that the experiment alone fixes. Splitting takes the kernels.
/// Throws what Engine::run throws.
Estimates simulate(const Experiment& experiment, const BlockExecutor& executor, const Kernels& kernels,
                   int threads, const RunControl& control);

/// The same, `threads` working on blocks with the kernels.
Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control);

}  // namespace bncollapse::sim
