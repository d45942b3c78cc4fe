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

  /// One step, in place.
  void step(at::Tensor& values, const at::Tensor& gradient, double learning_rate);

  /// What it remembers between steps, by name.
  std::vector<std::pair<std::string, at::Tensor*>> state();
  std::int64_t steps_taken() const { return steps_taken_; }
  void set_steps_taken(std::int64_t steps) { steps_taken_ = steps; }

 private:
  void momentum_step(at::Tensor& values, const at::Tensor& gradient, double learning_rate);
  void adam_step(at::Tensor& values, const at::Tensor& gradient, double learning_rate);

  OptimizerSpec spec_;
  std::int64_t decayed_;
  std::int64_t steps_taken_ = 0;
  at::Tensor first_moment_;    ///< momentum's v, Adam's m
  at::Tensor second_moment_;   ///< s
  at::Tensor largest_moment_;  ///< AMSGrad's largest s
};

}  // namespace bncollapse::nets
