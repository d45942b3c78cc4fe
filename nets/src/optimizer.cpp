#include "optimizer.hpp"

#include <cmath>

#include "require.hpp"

namespace bncollapse::nets {
namespace {

using enum OptimizerName;

bool is_adam(OptimizerName name) { return name == adam || name == amsgrad || name == adamw; }

}  // namespace

Optimizer::Optimizer(const OptimizerSpec& spec, const at::Tensor& values, std::int64_t decayed)
    : spec_(spec), decayed_(decayed) {
  validate(spec);
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

void Optimizer::step(at::Tensor& values, const at::Tensor& gradient, double learning_rate) {
  const at::NoGradGuard no_gradients;
  ++steps_taken_;
  at::Tensor total = gradient;
  if (spec_.weight_decay > 0) {
    at::Tensor decayed = values.narrow(0, 0, decayed_);
    if (spec_.name == adamw) {
      decayed.mul_(1 - learning_rate * spec_.weight_decay);
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
      return adam_step(values, total, learning_rate);
    case rmsprop:
      second_moment_.mul_(spec_.beta2).addcmul_(total, total, 1 - spec_.beta2);
      break;
    case adagrad:
      second_moment_.addcmul_(total, total);
      break;
  }
  values.addcdiv_(total, second_moment_.sqrt().add_(spec_.epsilon), -learning_rate);
}

void Optimizer::momentum_step(at::Tensor& values, const at::Tensor& gradient, double learning_rate) {
  first_moment_.mul_(spec_.momentum).add_(gradient);
  if (spec_.name == nesterov) {
    values.add_(gradient, -learning_rate).add_(first_moment_, -learning_rate * spec_.momentum);
  } else {
    values.add_(first_moment_, -learning_rate);
  }
}

void Optimizer::adam_step(at::Tensor& values, const at::Tensor& gradient, double learning_rate) {
  const auto step = static_cast<double>(steps_taken_);
  first_moment_.mul_(spec_.beta1).add_(gradient, 1 - spec_.beta1);
  second_moment_.mul_(spec_.beta2).addcmul_(gradient, gradient, 1 - spec_.beta2);
  if (spec_.name == amsgrad) {
    at::maximum_out(largest_moment_, largest_moment_, second_moment_);
  }
  const at::Tensor& second = spec_.name == amsgrad ? largest_moment_ : second_moment_;
  const at::Tensor denominator =
      second.sqrt().div_(std::sqrt(1 - std::pow(spec_.beta2, step))).add_(spec_.epsilon);
  values.addcdiv_(first_moment_, denominator, -learning_rate / (1 - std::pow(spec_.beta1, step)));
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
