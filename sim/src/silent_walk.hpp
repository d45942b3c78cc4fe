// The walk of a neuron that is almost never active, from one active sample to the next.
#pragma once

#include <cmath>
#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "plan_experiment.hpp"

namespace bncollapse::sim {

/// A neuron between its active samples. Times count steps, 0 for not yet.
struct SilentNeuron {
  double gamma = 0, beta = 0;
  std::uint64_t draws = 0;  ///< blocks of random words used so far
  std::int64_t first_activation = 0;
  std::int64_t collapse_time = 0;
};

/// Exact in law for SGD, ReLU, Gaussian x and independent samples (docs/THEORY.md section 6). Between two
/// active samples only weight decay acts: gamma and beta shrink by k = 1 - eta lambda a step, in closed form.
/// Plain BN keeps P meanwhile, so the wait in samples is geometric. Under psBN P_t moves; over a window of
/// steps in which it stays within a factor of about e, candidates arrive geometrically at its upper bound
/// there and each is kept with probability P_t / bound (thinning). The active x is drawn from its exact tail
/// (Marsaglia: Generating a variable from the tail of the normal distribution, Technometrics 6, 1964), g from
/// its law.
///
/// The cost goes with the number of active samples. All arithmetic is that of the reference lane, in double,
/// so every engine gives the same bits.
class SilentWalk {
 public:
  /// A neuron that stopped to suit is left at a multiple of so many steps.
  static constexpr std::int64_t grain = 64;

  explicit SilentWalk(const Experiment& experiment);

  /// Whether the neuron is active so rarely that waiting is cheaper than stepping.
  bool suits(double gamma, double beta) const {
    return beta + planned_.plan().alpha <= -smallest_threshold * std::fabs(gamma);
  }

  /// Advances the neuron from `step` to `until`, or to the first multiple of `grain` after it stopped to
  /// suit.
  /// @return the step reached
  std::int64_t run(SilentNeuron& neuron, std::uint64_t trajectory, std::int64_t step,
                   std::int64_t until) const;

 private:
  /// u with Q(u) = 1/2048: a neuron this seldom active costs less to wait for than to step (bench/README.md).
  static constexpr double smallest_threshold = 3.2971933456919633;

  /// Steps in which the learning rate, and so the decay, stays the same.
  struct Decay {
    double rate;       ///< eta
    double log_decay;  ///< ln(1 - eta lambda)
    std::int64_t end;  ///< the last step
  };
  Decay decay_after(std::int64_t step) const;
  std::int64_t window_of(const SilentNeuron& neuron, const Decay& decay, std::int64_t steps) const;
  double probability(double gamma, double beta) const;
  void shrink(SilentNeuron& neuron, const Decay& decay, std::int64_t step, std::int64_t steps) const;
  bool is_collapsed(double gamma, double beta) const;

  const Experiment& experiment_;
  PlannedStep<double> planned_;
};

}  // namespace bncollapse::sim
