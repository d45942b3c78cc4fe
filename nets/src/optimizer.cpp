#include "optimizer.hpp"

#include <cmath>

#include "bncollapse/nets/fields.hpp"

namespace bncollapse::nets {
namespace {

using enum OptimizerName;

bool is_adam(OptimizerName name) { return name == adam || name == amsgrad || name == adamw; }

}  // namespace

Optimizer::Optimizer(const OptimizerSpec& spec, const at::Tensor& values, std::int64_t decayed)
    : spec_(spec), decayed_(decayed) {
  fields::validate(spec);
  if (spec.name == sgd || spec.name == nesterov || is_adam(spec.name)) {
    first_moment_ = at::zeros_like(values);
  }
  if (spec.name != sgd && spec.name != nesterov) {
    second_moment_ = at::zeros_like(values);
  }
  if (spec.name == amsgrad) {
    largest_moment_ = at::zeros_like(values);
  }
}

at::Tensor Optimizer::rates(double learning_rate, std::int64_t t) const {
  const auto steps = static_cast<double>(t);
  const bool adam_like = is_adam(spec_.name);
  return at::tensor({adam_like ? learning_rate / (1 - std::pow(spec_.beta1, steps)) : learning_rate,
                     adam_like ? 1 / std::sqrt(1 - std::pow(spec_.beta2, steps)) : 1,
                     1 - learning_rate * spec_.weight_decay},
                    at::kDouble);
}

void Optimizer::step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& rates) {
  const at::NoGradGuard no_gradients;
  const at::Tensor learning_rate = rates.select(0, 0), correction = rates.select(0, 1);
  at::Tensor total = gradient;
  if (spec_.weight_decay > 0) {
    at::Tensor decayed = values.narrow(0, 0, decayed_);
    if (spec_.name == adamw) {
      decayed.mul_(rates.select(0, 2));
    } else {
      total = gradient.clone();
      total.narrow(0, 0, decayed_).add_(decayed, spec_.weight_decay);
    }
  }
  switch (spec_.name) {
    case sgd:
    case nesterov:
      return momentum_step(values, total, learning_rate);
    case adam:
    case amsgrad:
    case adamw:
      return adam_step(values, total, learning_rate, correction);
    case rmsprop:
      second_moment_.mul_(spec_.beta2).addcmul_(total, total, 1 - spec_.beta2);
      break;
    case adagrad:
      second_moment_.addcmul_(total, total);
      break;
  }
  values.sub_(total.mul(learning_rate).div_(second_moment_.sqrt().add_(spec_.epsilon)));
}

void Optimizer::momentum_step(at::Tensor& values, const at::Tensor& gradient,
                              const at::Tensor& learning_rate) {
  first_moment_.mul_(spec_.momentum).add_(gradient);
  const at::Tensor direction =
      spec_.name == nesterov ? gradient.add(first_moment_, spec_.momentum) : first_moment_;
  values.sub_(direction.mul(learning_rate));
}

void Optimizer::adam_step(at::Tensor& values, const at::Tensor& gradient, const at::Tensor& learning_rate,
                          const at::Tensor& correction) {
  first_moment_.mul_(spec_.beta1).add_(gradient, 1 - spec_.beta1);
  second_moment_.mul_(spec_.beta2).addcmul_(gradient, gradient, 1 - spec_.beta2);
  if (spec_.name == amsgrad) {
    at::maximum_out(largest_moment_, largest_moment_, second_moment_);
  }
  const at::Tensor& second = spec_.name == amsgrad ? largest_moment_ : second_moment_;
  const at::Tensor denominator = second.sqrt().mul_(correction).add_(spec_.epsilon);
  values.sub_(first_moment_.mul(learning_rate).div_(denominator));
}

void Optimizer::forget() {
  for (const auto& [name, tensor] : state()) {
    tensor->zero_();
  }
  steps_taken_ = 0;
}

std::vector<std::pair<std::string, at::Tensor*>> Optimizer::state() {
  std::vector<std::pair<std::string, at::Tensor*>> result;
  for (const auto& [name, tensor] : {std::pair{"first_moment", &first_moment_},
                                     {"second_moment", &second_moment_},
                                     {"largest_moment", &largest_moment_}}) {
    if (tensor->defined()) {
      result.emplace_back(name, tensor);
    }
  }
  return result;
}

}  // namespace bncollapse::nets
