// The results of an experiment's blocks, merged into its estimates.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "host/block_executor.hpp"

namespace bncollapse::sim {

class BlockMerge {
 public:
  /// Cuts the trajectories into blocks of a size that the experiment alone fixes.
  BlockMerge(const Experiment& experiment, int threads);

  int block_size() const { return block_size_; }
  std::int64_t blocks() const { return blocks_; }
  Counts& counts() { return counts_; }
  /// Blocks [begin, end) for an executor.
  BlockWork work(std::int64_t begin, std::int64_t end, std::function<void(BlockResults&&)> take);

  /// The next blocks' results. Throws Diverged.
  void take(BlockResults&& results);
  /// Once all blocks are taken.
  Estimates estimates();

 private:
  void merge_record(std::size_t record, std::span<const RecordSums> blocks);

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

}  // namespace bncollapse::sim
