#include "bncollapse/theory/optimizer_rule.hpp"

#include <cmath>

namespace bncollapse::theory {
namespace {

#define BNC_HD inline
#include "bncollapse/theory/optimizer_rules.inc.hpp"
#undef BNC_HD

OptimizerRule rule_of(OptimizerName name) {
  switch (name) {
    case OptimizerName::sgd:
      break;
    case OptimizerName::momentum:
    case OptimizerName::nesterov:
      return OptimizerRule::momentum;
    case OptimizerName::adam:
    case OptimizerName::adamw:
      return OptimizerRule::adam;
  }
  return OptimizerRule::sgd;
}

/// Whether decay acts on the parameter itself, not through the gradient.
bool is_decoupled(OptimizerName name) { return name == OptimizerName::sgd || name == OptimizerName::adamw; }

}  // namespace

template <class T>
RuleConstants<T> rule_constants(const Optimizer& optimizer) {
  RuleConstants<T> constants;
  constants.rule = rule_of(optimizer.name);
  constants.l2 = is_decoupled(optimizer.name) ? T(0) : static_cast<T>(optimizer.weight_decay);
  constants.momentum = static_cast<T>(optimizer.momentum);
  constants.nesterov = optimizer.name == OptimizerName::nesterov;
  constants.gradient_weight = static_cast<T>(1 - optimizer.beta1);
  constants.square_weight = static_cast<T>(1 - optimizer.beta2);
  constants.epsilon = static_cast<T>(optimizer.epsilon);
  return constants;
}
template RuleConstants<float> rule_constants(const Optimizer&);
template RuleConstants<double> rule_constants(const Optimizer&);

bool is_linear(const Optimizer& optimizer) {
  return with_rule(rule_of(optimizer.name), [](auto rule) { return decltype(rule)::is_linear; });
}

bool has_bias_correction(const Optimizer& optimizer) {
  return rule_of(optimizer.name) == OptimizerRule::adam;
}

RuleRates rule_rates(const Optimizer& optimizer, double learning_rate, double unseen1, double unseen2) {
  RuleRates rates{learning_rate, 0, 1};
  if (is_decoupled(optimizer.name)) rates.shrink = learning_rate * optimizer.weight_decay;
  if (has_bias_correction(optimizer)) {
    rates.rate = learning_rate / (1 - unseen1);
    rates.root = 1 / std::sqrt(1 - unseen2);
  }
  return rates;
}

RuleState rule_start(const Optimizer& optimizer) {
  if (rule_of(optimizer.name) != OptimizerRule::adam) return {};
  return {optimizer.first_moment, optimizer.second_moment};
}

}  // namespace bncollapse::theory
