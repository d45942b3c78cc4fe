// What is left of a block of trajectories when it has run.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "record.hpp"

namespace bncollapse::sim {

/// Where a trajectory left the finite numbers.
struct Divergence {
  std::int64_t step = 0, trajectory = 0;
};

struct BlockResult {
  std::vector<RecordSums> records;
  std::vector<PathPoint> paths;
  std::optional<Divergence> diverged;
};

}  // namespace bncollapse::sim
