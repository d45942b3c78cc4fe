// Engines on chosen kernels; tests take each in turn.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "bncollapse/sim/engine.hpp"

namespace bncollapse::sim {

/// The loops of one instruction set of this processor (src/kernel_table.hpp).
struct Kernels;

/// One number at a time, on any processor.
const Kernels& reference_kernels();

/// The vector kernels that this processor can run, the widest first.
std::vector<const Kernels*> vector_kernels();

/// The widest kernels that this processor can run.
const Kernels& widest_kernels();

/// The instruction set of the kernels, for people.
std::string_view instruction_set(const Kernels& kernels);

/// `threads`, or all that the process may use for 0. Throws theory::InvalidArgument below 0.
int thread_count(int threads);

/// @param threads  1 or more
std::unique_ptr<Engine> make_engine_on(const Kernels& kernels, std::string_view name, int threads);

}  // namespace bncollapse::sim
