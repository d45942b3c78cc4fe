#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/nets/optimizer.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// What an optimizer does with a vector of parameters, as OptimizerName describes it. Each optimizer is one
/// class of its own.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;

  /// What it remembers between steps, under the names that checkpoints give it.
  virtual std::vector<std::pair<std::string, at::Tensor*>> state() = 0;

  /// Factors of the t-th step, from 1: of the update, and of the root of the second moment.
  struct Factors {
    double rate, correction = 1;
  };
  virtual Factors factors(double learning_rate, [[maybe_unused]] double t) const { return {learning_rate}; }

  /// False: weight decay is added to the gradient. True: it shrinks the parameters before the update.
  virtual bool decay_is_decoupled() const { return false; }

  /// The update, in place, by tensor operations alone. `rate` and `correction` are the step's factors.
  virtual void update(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rate,
                      const at::Tensor& correction) = 0;
};

/// An optimizer on one vector of parameters.
class Optimizer {
 public:
  /// @param decayed  the first so many of the values undergo weight decay
  Optimizer(const OptimizerSpec& spec, const at::Tensor& values, std::int64_t decayed);

  /// What the t-th step (from 1) takes beside values and gradient: `rate_count` numbers.
  at::Tensor rates(double learning_rate, std::int64_t t) const;
  static constexpr std::int64_t rate_count = 3;

  /// One step, in place, by tensor operations alone. It does not count itself.
  void step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rates);

  /// As if no step had been taken.
  void forget();

  /// What it remembers between steps, by name.
  std::vector<std::pair<std::string, at::Tensor*>> state() { return rule_->state(); }
  std::int64_t steps_taken() const { return steps_taken_; }
  void set_steps_taken(std::int64_t steps) { steps_taken_ = steps; }

 private:
  std::unique_ptr<UpdateRule> rule_;
  double weight_decay_;
  std::int64_t decayed_;
  std::int64_t steps_taken_ = 0;
};

}  // namespace bncollapse::nets
