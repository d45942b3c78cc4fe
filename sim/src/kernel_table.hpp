// The kernels of one instruction set, as the engines call them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "climber.hpp"
#include "moments.hpp"
#include "step_plan.hpp"

namespace bncollapse::sim {

template <class T>
using Advance = void (*)(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block);

/// The most lanes that any kernel has: array lengths are multiples of it.
inline constexpr int maximum_width = 64;

struct Kernels {
  std::string_view instruction_set;
  int float_width = 1, double_width = 1;
  /// The loop that suits the plan.
  Advance<float> (*advance_float)(const StepPlan<float>& plan);
  Advance<double> (*advance_double)(const StepPlan<double>& plan);
  /// The start of `count` trajectories (a multiple of maximum_width) from `first_trajectory` on.
  void (*draw_initial)(const InitialDraw& draw, PhiloxKey key, std::uint64_t first_trajectory, int count,
                       double* gamma, double* beta);
  /// P for Gaussian x; `count` is a multiple of maximum_width.
  void (*gaussian_probability)(const double* gamma, const double* beta, double alpha, int count,
                               double* probability);
  /// See climb.hpp.
  void (*climb)(const StepPlan<double>& plan, double rate, double shrink, double target, std::int64_t steps,
                std::uint64_t first_stream, Climber* const* climbers, int count);
  /// Moments of `count` values; overwrites what follows them up to the next multiple of maximum_width.
  Moments (*moments)(double* values, int count);
};

/// One number at a time, on any processor.
const Kernels& reference_kernels();

/// The vector kernels that this processor can run, the widest first.
std::vector<const Kernels*> vector_kernels();

}  // namespace bncollapse::sim
