#pragma once

#include "bncollapse/theory/optimizer.hpp"

namespace bncollapse::theory {

/// What a rule takes beside the gradient and stays fixed along a run; unused numbers are those of other
/// rules.
/// @tparam T  float or double
template <class T>
struct RuleConstants {
  OptimizerRule rule = OptimizerRule::sgd;
  T l2 = 0;  ///< lambda where decay is added to the gradient
  T momentum = 0;
  bool nesterov = false;
  T gradient_weight = 0;  ///< 1 - beta1
  T square_weight = 0;    ///< 1 - beta2
  T epsilon = 0;
};

/// Defined for float and double, rounded from double.
template <class T>
RuleConstants<T> rule_constants(const Optimizer& optimizer);

/// What a rule takes in one step.
struct RuleRates {
  double rate = 0;    ///< eta_t; Adam's is divided by 1 - beta1^t
  double shrink = 0;  ///< eta_t lambda where decay acts on the parameter itself
  double root = 1;    ///< Adam: 1 / sqrt(1 - beta2^t)
};

/// Whether a step is linear in the gradient. Else its length does not follow the gradient's: it is about the
/// learning rate.
bool is_linear(const Optimizer& optimizer);

/// Whether the rates change from step to step at a constant learning rate.
bool has_bias_correction(const Optimizer& optimizer);

/// @param learning_rate  eta_t
/// @param unseen1        beta1^t and
/// @param unseen2        beta2^t, t counting steps_taken, too; without bias correction they are not read
RuleRates rule_rates(const Optimizer& optimizer, double learning_rate, double unseen1, double unseen2);

/// What a rule keeps of a parameter before the first step.
struct RuleState {
  double first = 0;   ///< velocity, or first moment
  double second = 0;  ///< second moment
};
RuleState rule_start(const Optimizer& optimizer);

}  // namespace bncollapse::theory
