// An experiment's blocks, shared by the processes of a communicator.
#pragma once

#include <cstdint>
#include <functional>

#include "bncollapse/sim/communicator.hpp"
#include "host/block_result.hpp"

namespace bncollapse::sim {

/// Runs blocks [begin, end) and hands their results to `take` in order.
using RunBlocks = std::function<void(std::int64_t begin, std::int64_t end,
                                     const std::function<void(BlockResults&&)>& take)>;

/// The blocks in rounds: each process runs `share` consecutive ones at most, the root takes all results in
/// order. In the end the root's counts are those of all processes.
void run_shared(const Communicator& communicator, std::int64_t blocks, std::int64_t share,
                const RunBlocks& run_blocks, const std::function<void(BlockResults&&)>& take, Counts& counts);

}  // namespace bncollapse::sim
