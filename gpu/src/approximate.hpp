#pragma once

#include <memory>
#include <vector>

#include "host/simulation.hpp"

namespace bncollapse::gpu {

/// Steps float32 experiments with the devices' approximate functions.
/// @param devices  their indices
/// @param threads  of the host
std::unique_ptr<sim::BlockExecutor> make_approximate_executor(std::vector<int> devices, int threads);

}  // namespace bncollapse::gpu
