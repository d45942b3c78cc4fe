// The kernels of one instruction set, as the engines call them.
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "host/record.hpp"
#include "particle.hpp"
#include "record_input.hpp"
#include "shared/rejection_free_plan.hpp"
#include "shared/step_plan.hpp"

namespace bncollapse::sim {

template <class T>
using Advance = void (*)(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block);

/// Takes a neuron through waits for its next active sample, see rejection_free_walker.hpp.
using TakeWaits = void (*)(const RejectionFreePlan& plan, WaitingNeuron& neuron, std::uint64_t trajectory,
                           std::int64_t waits);
/// By a processor that has fused multiply-adds.
TakeWaits fused_take_waits();

/// The most lanes that any kernel has: array lengths are multiples of it.
inline constexpr int maximum_width = 64;

/// Of one precision. Array lengths named `count` are multiples of maximum_width, but for `record`'s.
template <class T>
struct KernelsOf {
  int width = 1;
  /// The loop that suits the plan.
  Advance<T> (*advance)(const StepPlan<T>& plan);
  /// P for Gaussian x, in double.
  void (*gaussian_probability)(const T* gamma, const T* beta, double alpha, int count, double* probability);
  bool (*all_finite)(const T* values, int count);
  /// What a record keeps of the first `count` trajectories; reads the arrays up to the next multiple of
  /// maximum_width.
  RecordSums (*record)(const RecordInput<T>& input, int count);
};

struct Kernels {
  std::string_view instruction_set;
  KernelsOf<float> float32;
  KernelsOf<double> float64;
  /// The start of `count` trajectories from `first_trajectory` on.
  void (*start)(const StartPlan& plan, PhiloxKey key, std::uint64_t first_trajectory, int count,
                double* gamma, double* beta);
  /// See advance_particles.hpp.
  void (*advance_particles)(const StepPlan<double>& plan, double rate, double shrink, double final_level,
                            std::int64_t steps, std::uint64_t first_trajectory, Particle* const* particles,
                            int count, const Consent& consent);
  TakeWaits take_waits;

  template <class T>
  const KernelsOf<T>& of() const {
    if constexpr (std::is_same_v<T, float>) {
      return float32;
    } else {
      return float64;
    }
  }
};

}  // namespace bncollapse::sim
