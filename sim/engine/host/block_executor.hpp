// What runs blocks of trajectories: an engine implements it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "host/block_result.hpp"
#include "host/progress.hpp"

namespace bncollapse::sim {

/// Consecutive blocks of an experiment's trajectories; the last block of all may be shorter than `size`.
struct BlockRange {
  int size = 0;  ///< trajectories in a block, a multiple of maximum_width
  std::int64_t begin = 0, end = 0;
};

/// Blocks of an experiment, and where their results go.
struct BlockWork {
  const Experiment& experiment;
  BlockRange blocks;
  /// Called in the order of blocks, from one thread at a time.
  std::function<void(BlockResults&&)> take;
  Counts& counts;  ///< to which the blocks' are added
};

/// What runs blocks: threads of this processor, or devices.
class BlockExecutor {
 public:
  virtual ~BlockExecutor() = default;
  /// Blocks that keep it busy: the share that one process of a communicator takes of a round.
  virtual std::int64_t share(int block_size) const = 0;
  /// How many of the experiments, from the first on, `run` best takes together: 1 or more.
  virtual std::size_t together(std::span<const Experiment* const>) const { return 1; }
  /// Runs the blocks of one experiment, or of as many as `together` says. Throws Interrupted and what `take`
  /// throws.
  virtual void run(std::span<const BlockWork> work, Progress& progress) const = 0;
};

}  // namespace bncollapse::sim
