#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "bncollapse/theory/optimizer.hpp"
#include "bncollapse/theory/pause.hpp"

namespace bncollapse::theory {

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
