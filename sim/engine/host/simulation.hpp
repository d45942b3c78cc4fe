// An experiment from start to estimates, on whatever runs its blocks.
#pragma once

#include <functional>
#include <span>

#include "bncollapse/sim/engine.hpp"
#include "host/block_executor.hpp"

namespace bncollapse::sim {

struct Kernels;

/// Trajectories are cut into blocks of a size that the experiment alone fixes. Splitting takes the kernels.
/// Throws what Engine::run throws.
Estimates simulate(const Experiment& experiment, const BlockExecutor& executor, const Kernels& kernels,
                   int threads, const RunControl& control);

/// Experiments, those together that the executor takes together, handed to `take` in order.
void simulate_many(std::span<const Experiment* const> experiments, const BlockExecutor& executor,
                   const Kernels& kernels, int threads, const RunControl& control,
                   const std::function<void(Estimates&&)>& take);

/// One experiment, `threads` working on blocks with the kernels.
Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control);

}  // namespace bncollapse::sim
