#include "optimizer.hpp"

#include <cmath>
#include <stdexcept>

#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {
namespace {

using State = std::vector<std::pair<std::string, at::Tensor*>>;

class Sgd final : public UpdateRule {
 public:
  State state() override { return {}; }

  void update(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rate,
              const at::Tensor&) override {
    values.sub_(gradient.mul(rate));
  }
};

class Momentum : public UpdateRule {
 public:
  Momentum(const OptimizerSpec& spec, const at::Tensor& values)
      : momentum_(spec.momentum), velocity_(at::zeros_like(values)) {}

  State state() override { return {{"first_moment", &velocity_}}; }

  void update(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rate,
              const at::Tensor&) override {
    velocity_.mul_(momentum_).add_(gradient);
    values.sub_(direction(gradient).mul(rate));
  }

 protected:
  virtual at::Tensor direction(const at::Tensor&) const { return velocity_; }

  double momentum_;
  at::Tensor velocity_;
};

class Nesterov final : public Momentum {
  using Momentum::Momentum;

  at::Tensor direction(const at::Tensor& gradient) const override {
    return gradient.add(velocity_, momentum_);
  }
};

class Adam : public UpdateRule {
 public:
  Adam(const OptimizerSpec& spec, const at::Tensor& values)
      : spec_(spec), first_(at::zeros_like(values)), second_(at::zeros_like(values)) {}

  State state() override { return {{"first_moment", &first_}, {"second_moment", &second_}}; }

  Factors factors(double learning_rate, double t) const override {
    return {learning_rate / (1 - std::pow(spec_.beta1, t)), 1 / std::sqrt(1 - std::pow(spec_.beta2, t))};
  }

  void update(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rate,
              const at::Tensor& correction) override {
    first_.mul_(spec_.beta1).add_(gradient, 1 - spec_.beta1);
    second_.mul_(spec_.beta2).addcmul_(gradient, gradient, 1 - spec_.beta2);
    values.sub_(first_.mul(rate).div_(divisor().sqrt().mul_(correction).add_(spec_.epsilon)));
  }

 protected:
  /// The square of what the first moment is divided by.
  virtual const at::Tensor& divisor() { return second_; }

  OptimizerSpec spec_;
  at::Tensor first_, second_;
};

class AmsGrad final : public Adam {
 public:
  AmsGrad(const OptimizerSpec& spec, const at::Tensor& values)
      : Adam(spec, values), largest_(at::zeros_like(values)) {}

  State state() override {
    State result = Adam::state();
    result.emplace_back("largest_moment", &largest_);
    return result;
  }

 private:
  const at::Tensor& divisor() override { return at::maximum_out(largest_, largest_, second_); }

  at::Tensor largest_;  ///< second moment so far
};

class AdamW final : public Adam {
  using Adam::Adam;

  bool decay_is_decoupled() const override { return true; }
};

class Adagrad : public UpdateRule {
 public:
  Adagrad(const OptimizerSpec& spec, const at::Tensor& values)
      : spec_(spec), squares_(at::zeros_like(values)) {}

  State state() override { return {{"second_moment", &squares_}}; }

  void update(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rate,
              const at::Tensor&) override {
    accumulate(gradient);
    values.sub_(gradient.mul(rate).div_(squares_.sqrt().add_(spec_.epsilon)));
  }

 protected:
  virtual void accumulate(const at::Tensor& gradient) { squares_.addcmul_(gradient, gradient); }

  OptimizerSpec spec_;
  at::Tensor squares_;
};

class RmsProp final : public Adagrad {
  using Adagrad::Adagrad;

  void accumulate(const at::Tensor& gradient) override {
    squares_.mul_(spec_.beta2).addcmul_(gradient, gradient, 1 - spec_.beta2);
  }
};

std::unique_ptr<UpdateRule> make_rule(const OptimizerSpec& spec, const at::Tensor& values) {
  switch (spec.name) {
    case OptimizerName::sgd:
      return std::make_unique<Sgd>();
    case OptimizerName::momentum:
      return std::make_unique<Momentum>(spec, values);
    case OptimizerName::nesterov:
      return std::make_unique<Nesterov>(spec, values);
    case OptimizerName::adam:
      return std::make_unique<Adam>(spec, values);
    case OptimizerName::amsgrad:
      return std::make_unique<AmsGrad>(spec, values);
    case OptimizerName::adamw:
      return std::make_unique<AdamW>(spec, values);
    case OptimizerName::rmsprop:
      return std::make_unique<RmsProp>(spec, values);
    case OptimizerName::adagrad:
      return std::make_unique<Adagrad>(spec, values);
  }
  throw std::logic_error("make_rule: an optimizer without a rule");
}

}  // namespace

Optimizer::Optimizer(const OptimizerSpec& spec, const at::Tensor& values, std::int64_t decayed)
    : weight_decay_(spec.weight_decay), decayed_(decayed) {
  fields::validate(spec);
  rule_ = make_rule(spec, values);
}

at::Tensor Optimizer::rates(double learning_rate, std::int64_t t) const {
  const auto [rate, correction] = rule_->factors(learning_rate, static_cast<double>(t));
  return at::tensor({rate, correction, 1 - learning_rate * weight_decay_}, at::kDouble);
}

void Optimizer::step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rates) {
  const at::NoGradGuard no_gradients;
  at::Tensor total = gradient;
  if (weight_decay_ > 0) {
    at::Tensor decayed = values.narrow(0, 0, decayed_);
    if (rule_->decay_is_decoupled()) {
      decayed.mul_(rates.select(0, 2));
    } else {
      total = gradient.clone();
      total.narrow(0, 0, decayed_).add_(decayed, weight_decay_);
    }
  }
  rule_->update(values, total, rates.select(0, 0), rates.select(0, 1));
}

void Optimizer::forget() {
  for (const auto& [name, tensor] : state()) {
    tensor->zero_();
  }
  steps_taken_ = 0;
}

}  // namespace bncollapse::nets
