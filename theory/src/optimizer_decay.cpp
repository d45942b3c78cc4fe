#include "bncollapse/theory/optimizer_decay.hpp"

#include <cmath>

#include "require.hpp"

namespace bncollapse::theory {

namespace {

void check(const Optimizer& optimizer) {
  require_non_negative("learning_rate", optimizer.learning_rate);
  require_non_negative("weight_decay", optimizer.weight_decay);
  const auto require_share = [](const char* name, double value) {
    require(value >= 0 && value < 1, name, value, "lie in [0, 1)");
  };
  switch (optimizer.name) {
    case OptimizerName::sgd:
      return;
    case OptimizerName::momentum:
    case OptimizerName::nesterov:
      require_share("momentum", optimizer.momentum);
      return;
    case OptimizerName::adam_l2:
    case OptimizerName::adamw:
      require_share("beta1", optimizer.beta1);
      require_share("beta2", optimizer.beta2);
      require(std::isfinite(optimizer.epsilon) && optimizer.epsilon > 0, "epsilon", optimizer.epsilon,
              "be finite and above 0");
      require_finite("first_moment", optimizer.first_moment);
      require_non_negative("second_moment", optimizer.second_moment);
      require(optimizer.steps_taken >= 0, "steps_taken", optimizer.steps_taken, "be 0 or more");
      return;
  }
  throw InvalidArgument("name", "is no member of OptimizerName");
}

/// The optimizer's state for one parameter under decay alone.
class InactiveParameter {
 public:
  InactiveParameter(double start, const Optimizer& optimizer)
      : optimizer_(optimizer),
        weight_(start),
        first_(optimizer.first_moment),
        second_(optimizer.second_moment),
        // 1 - beta^steps, the bias corrections' denominators before the next step
        unseen1_(std::pow(optimizer.beta1, optimizer.steps_taken)),
        unseen2_(std::pow(optimizer.beta2, optimizer.steps_taken)) {}

  double weight() const { return weight_; }

  void step() {
    const double rate = optimizer_.learning_rate;
    const double gradient = optimizer_.weight_decay * weight_;
    switch (optimizer_.name) {
      case OptimizerName::sgd:
        weight_ -= rate * gradient;
        return;
      case OptimizerName::momentum:
        velocity_ = optimizer_.momentum * velocity_ + gradient;
        weight_ -= rate * velocity_;
        return;
      case OptimizerName::nesterov:
        velocity_ = optimizer_.momentum * velocity_ + gradient;
        weight_ -= rate * (gradient + optimizer_.momentum * velocity_);
        return;
      case OptimizerName::adam_l2:
        weight_ -= adam(gradient);
        return;
      case OptimizerName::adamw:
        weight_ = weight_ - rate * gradient - adam(0);
        return;
    }
  }

 private:
  double adam(double gradient) {
    first_ = optimizer_.beta1 * first_ + (1 - optimizer_.beta1) * gradient;
    second_ = optimizer_.beta2 * second_ + (1 - optimizer_.beta2) * gradient * gradient;
    unseen1_ *= optimizer_.beta1;
    unseen2_ *= optimizer_.beta2;
    const double mean = first_ / (1 - unseen1_);
    const double square = second_ / (1 - unseen2_);
    return optimizer_.learning_rate * mean / (std::sqrt(square) + optimizer_.epsilon);
  }

  const Optimizer& optimizer_;
  double weight_;
  double velocity_ = 0;
  double first_;
  double second_;
  double unseen1_;
  double unseen2_;
};

}  // namespace

std::optional<std::int64_t> inactive_steps_to(double threshold, double start, const Optimizer& optimizer,
                                              std::int64_t horizon) {
  check(optimizer);
  require(std::isfinite(threshold) && threshold > 0, "threshold", threshold, "be finite and above 0");
  require_finite("start", start);
  require(horizon >= 0, "horizon", static_cast<double>(horizon), "be 0 or more");
  if (std::abs(start) < threshold) return 0;

  const bool geometric = optimizer.name == OptimizerName::sgd ||
                         (optimizer.name == OptimizerName::adamw && optimizer.first_moment == 0);
  if (geometric) {
    const double keep = std::abs(1 - optimizer.learning_rate * optimizer.weight_decay);
    if (keep >= 1) return std::nullopt;
    if (keep == 0) return horizon >= 1 ? std::optional<std::int64_t>(1) : std::nullopt;
    const double steps = std::log(threshold / std::abs(start)) / std::log1p(keep - 1);
    if (steps >= static_cast<double>(horizon)) return std::nullopt;
    return static_cast<std::int64_t>(std::floor(steps)) + 1;
  }

  InactiveParameter parameter(start, optimizer);
  for (std::int64_t steps = 1; steps <= horizon; ++steps) {
    parameter.step();
    if (std::abs(parameter.weight()) < threshold) return steps;
    if (!std::isfinite(parameter.weight())) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace bncollapse::theory
