#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::theory {

/// A neuron under weight decay alone (docs/THEORY.md sections 3 and 4): gamma_t = gamma_0 k^t,
/// beta_t = beta_0 k^t with k = 1 - eta lambda, 0 < k <= 1; P_t moves only where alpha != 0 (psBN).
struct WeightDecay {
  double learning_rate = 0.1;  ///< eta
  double weight_decay = 1e-4;  ///< lambda
};

/// The neuron after t >= 0 steps (t may be fractional). Throws InvalidArgument naming "learning_rate",
/// "weight_decay" (eta lambda must lie in [0, 1)) or "t".
Neuron decayed_neuron(const Neuron& start, const WeightDecay& decay, double t);

/// t_half = ln(alpha/|beta_0 + M gamma_0|) / ln k, where P_t = 1/2, with M the median of x; nothing unless
/// beta_0 + M gamma_0 < -alpha < 0 and k < 1.
std::optional<double> half_activation_time(const Law& law, const Neuron& start, const WeightDecay& decay);

/// The law of T, the step of the first active sample: Pr[T > t] = prod_{j=1..t} (1 - P_{j})^m, where P_j
/// is the activation probability that step j sees, after j - 1 decays (step 1 sees the initial neuron).
class FirstActivation {
 public:
  FirstActivation(LawPtr law, const Neuron& start, const WeightDecay& decay, std::int64_t batch);

  /// Pr[T > t], t >= 0 steps.
  double survival(std::int64_t t) const;

  /// The smallest t with Pr[T <= t] >= probability, 0 < probability < 1; nothing where that never comes
  /// within `horizon` steps.
  std::optional<std::int64_t> quantile(double probability, std::int64_t horizon = 1'000'000'000) const;

  /// E[T] = sum_t Pr[T > t]; infinite where P_t = 0 for ever.
  double mean() const;

 private:
  bool is_constant() const;
  double log_inactive(double t) const;
  double log_survival(std::int64_t t) const;

  LawPtr law_;
  Neuron start_;
  WeightDecay decay_;
  std::int64_t batch_;
  std::vector<std::int64_t> splits_;  ///< steps between which P_t is smooth and of one order of magnitude
};

}  // namespace bncollapse::theory
