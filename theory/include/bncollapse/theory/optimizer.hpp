#pragma once

#include <array>

#include "bncollapse/fields/enumeration.hpp"

namespace bncollapse::theory {

/// The optimizers of paper B's comparison.
///   sgd, momentum, nesterov: weight decay as L2 (lambda w added to the gradient before the optimizer)
///   adam:  the same with Adam
///   adamw:    decoupled, w <- (1 - eta lambda) w - eta * (Adam step)
enum class OptimizerName { sgd, momentum, nesterov, adam, adamw };

/// The rule by which an optimizer moves a parameter; several optimizers share a rule. optimizer_rules.inc.hpp
/// has the rules.
enum class OptimizerRule { sgd, momentum, adam };

/// An optimizer's constants. Dimensionless but for learning_rate (parameter / gradient).
struct Optimizer {
  OptimizerName name = OptimizerName::sgd;
  double learning_rate = 0.01;
  double weight_decay = 0;
  double momentum = 0.9;  ///< momentum, nesterov
  double beta1 = 0.9;     ///< adam, adamw
  double beta2 = 0.999;
  double epsilon = 1e-8;
  // Adam's stored moments when the neuron becomes inactive. A fresh optimizer has them at 0 with 0 steps
  // taken.
  double first_moment = 0;
  double second_moment = 0;
  double steps_taken = 0;  ///< infinity: bias correction over
};

}  // namespace bncollapse::theory

template <>
struct bncollapse::fields::Enumeration<bncollapse::theory::OptimizerName> {
  using enum theory::OptimizerName;
  static constexpr std::array all{
      Enumerator{sgd, "sgd", "stochastic gradient descent without momentum; weight decay as L2", "SGD"},
      Enumerator{momentum, "momentum", "with momentum (heavy ball); weight decay as L2", "SGD, momentum"},
      Enumerator{nesterov, "nesterov", "with Nesterov's momentum; weight decay as L2", "SGD, Nesterov"},
      Enumerator{adam, "adam", "Adam; weight decay as L2, added to the gradient", "Adam, L2"},
      Enumerator{adamw, "adamw", "Adam with decoupled weight decay", "AdamW"}};
};
