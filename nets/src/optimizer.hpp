#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bncollapse/nets/optimizer.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// An optimizer's recursion on one vector of parameters.
class Optimizer {
 public:
  /// @param decayed  the first so many of the `count` values undergo weight decay
  Optimizer(const OptimizerSpec& spec, const at::Tensor& values, std::int64_t decayed);

  /// What the t-th step (from 1) takes beside values and gradient: `rate_count` numbers.
  at::Tensor rates(double learning_rate, std::int64_t t) const;
  static constexpr std::int64_t rate_count = 3;

  /// One step, in place, by tensor operations alone. It does not count itself.
  void step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rates);

  /// As if no step had been taken.
  void forget();

  /// What it remembers between steps, by name.
  std::vector<std::pair<std::string, at::Tensor*>> state();
  std::int64_t steps_taken() const { return steps_taken_; }
  void set_steps_taken(std::int64_t steps) { steps_taken_ = steps; }

 private:
  void momentum_step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& learning_rate);
  void adam_step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& learning_rate,
                 const at::Tensor& correction);

  OptimizerSpec spec_;
  std::int64_t decayed_;
  std::int64_t steps_taken_ = 0;
  at::Tensor first_moment_;    ///< momentum's v, Adam's m
  at::Tensor second_moment_;   ///< s
  at::Tensor largest_moment_;  ///< AMSGrad's largest s
};

}  // namespace bncollapse::nets
