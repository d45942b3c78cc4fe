// What is left of blocks of trajectories when they have run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "host/record.hpp"

namespace bncollapse::sim {

/// Where a trajectory left the finite numbers.
struct Divergence {
  std::int64_t step = 0, trajectory = 0;
};

/// Of consecutive blocks.
struct BlockResults {
  std::int64_t blocks = 1;
  std::vector<RecordSums> records;  ///< of each block at the first recorded step, then at the next; ...
  std::vector<PathPoint> paths;
  std::optional<Divergence> diverged;  ///< the first block's; without it the records are complete
};

}  // namespace bncollapse::sim
