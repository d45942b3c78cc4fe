// An experiment from start to estimates, on the kernels of one instruction set.
#pragma once

#include "bncollapse/sim/engine.hpp"
#include "kernel_table.hpp"

namespace bncollapse::sim {

/// Trajectories are cut into blocks of a size that the experiment alone fixes; `threads` work on blocks.
/// Throws what Engine::run throws.
Estimates simulate(const Experiment& experiment, const Kernels& kernels, int threads,
                   const RunControl& control);

}  // namespace bncollapse::sim
