// Engines on chosen kernels; tests take each in turn.
#pragma once

#include <memory>
#include <string_view>

#include "bncollapse/sim/engine.hpp"
#include "kernel_table.hpp"

namespace bncollapse::sim {

/// The widest kernels that this processor can run.
const Kernels& widest_kernels();

/// `threads`, or all that the process may use for 0. Throws theory::InvalidArgument below 0.
int thread_count(int threads);

/// @param threads  1 or more
std::unique_ptr<Engine> make_engine_on(const Kernels& kernels, std::string_view name, int threads);

}  // namespace bncollapse::sim
