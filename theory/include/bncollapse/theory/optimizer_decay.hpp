#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bncollapse/fields/enumeration.hpp"
#include "bncollapse/theory/pause.hpp"

namespace bncollapse::theory {

/// The optimizers of paper B's comparison.
///   sgd, momentum, nesterov: weight decay as L2 (lambda w added to the gradient before the optimizer)
///   adam:  the same with Adam
///   adamw:    decoupled, w <- (1 - eta lambda) w - eta * (Adam step)
enum class OptimizerName { sgd, momentum, nesterov, adam, adamw };

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

/// Steps until |parameter| first falls below `threshold` with zero task gradient, by the optimizer's own
/// recursion from its stored moments (closed form for sgd, adamw with zero moments and, where it falls
/// steadily, momentum and nesterov); nothing where that takes more than `horizon` steps, or more than 10^9 of
/// the recursion. Throws InvalidArgument naming the member.
std::optional<std::int64_t> inactive_steps_to(double threshold, double start, const Optimizer& optimizer,
                                              std::int64_t horizon = 1'000'000'000,
                                              const WorkWatch& watch = {});

/// The same for each of several thresholds, falling, in one pass; as many as are reached.
std::vector<std::int64_t> inactive_steps_to(const std::vector<double>& falling_thresholds, double start,
                                            const Optimizer& optimizer, std::int64_t horizon = 1'000'000'000,
                                            const WorkWatch& watch = {});

/// The parameter after so many such steps; nothing beyond 10^9 steps of the recursion.
std::optional<double> inactive_value(double start, std::int64_t steps, const Optimizer& optimizer,
                                     const WorkWatch& watch = {});

/// A parameter's ratio w_end / w_begin under momentum and weight decay alone (L2), where the learning rate
/// eta_t changes from step to step (docs/THEORY.md section 3):
///
///   v <- momentum v + weight_decay w
///   w <- w - eta_t v,  t = 0, 1, ...
///
/// from v = 0 at t = 0. Nothing where w reaches 0 or changes its sign before `end`.
/// @param learning_rate  eta_t, 0 or more
/// @param weight_decay   0 or more
/// @param momentum       from 0 to below 1
/// @param begin, end     steps, 0 <= begin <= end
/// Throws InvalidArgument naming the parameter.
std::optional<double> momentum_decay(const std::function<double(std::int64_t t)>& learning_rate,
                                     double weight_decay, double momentum, std::int64_t begin,
                                     std::int64_t end);

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
