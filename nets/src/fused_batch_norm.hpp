#pragma once

#include <utility>
#include <vector>

#include "batch_norm.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

inline at::Tensor channels_last(const at::Tensor& x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

/// x's numbers; null where it is undefined.
template <class Number>
Number* numbers(const at::Tensor& x) {
  return x.defined() ? static_cast<Number*>(x.data_ptr()) : nullptr;
}

/// y and the batch's statistics, a number per channel.
struct NormalisedOutput {
  at::Tensor y;
  at::Tensor mean, inverse;  ///< 1/sqrt(variance + epsilon)
};

/// What a layer's gradient needs beside its input.
struct NormalisedState {
  at::Tensor gamma, shift, mean, inverse;
  at::Tensor y;  ///< of a layer with a residual, else undefined
};

/// Those of input and residual are channels-last; the residual's is undefined where there is no residual.
struct NormalisationGradients {
  at::Tensor input, gamma, shift, residual;
};

/// batch_norm by the batch's own statistics, with all that follows it, as one operation.
/// @tparam Normaliser  Normaliser(x, leak, pooled), x channels-last, has
///   NormalisedOutput forward(const BatchNormalisation&, const at::Tensor& residual), which moves the running
///   statistics, and NormalisationGradients backward(const NormalisedState&, const at::Tensor& dy, const
///   at::Tensor& more_dy), in which more_dy is defined only with a residual. The input's gradient takes x's
///   memory.
template <class Normaliser>
struct FusedBatchNorm : torch::autograd::Function<FusedBatchNorm<Normaliser>> {
  /// `residual` without numbers: none (an autograd function takes no undefined tensors).
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const at::Tensor& input, const at::Tensor& gamma,
                                                const at::Tensor& shift, const at::Tensor& residual,
                                                const at::Tensor& running_mean,
                                                const at::Tensor& running_variance, double momentum,
                                                double leak, bool pooled, bool twice) {
    const at::Tensor x = channels_last(input);
    const bool summed = residual.numel() > 0;
    const auto [y, mean, inverse] =
        Normaliser(x, leak, pooled)
            .forward({gamma, shift, running_mean, running_variance, true, momentum},
                     summed ? channels_last(residual) : at::Tensor());
    context->save_for_backward({x, gamma, shift, mean, inverse, summed ? y : at::Tensor()});
    context->saved_data["leak"] = leak;
    context->saved_data["pooled"] = pooled;
    context->set_materialize_grads(false);  // a reader without gradient costs nothing
    return twice ? torch::autograd::variable_list{y, y.alias()} : torch::autograd::variable_list{y};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    if (x.is_cpu()) {
      begin_layer();
    }
    const NormalisedState state{saved[1], saved[2], saved[3], saved[4], saved[5]};
    auto [dy, more_dy] = gradients_of_readers(gradients);
    if (more_dy.defined() && !state.y.defined()) {
      dy = dy + more_dy;
      more_dy.reset();
    }
    torch::autograd::impl::bump_version(x);
    const Normaliser normaliser(x, context->saved_data["leak"].toDouble(),
                                context->saved_data["pooled"].toBool());
    const NormalisationGradients result = normaliser.backward(state, dy, more_dy);
    return {result.input, result.gamma, result.shift, result.residual, {}, {}, {}, {}, {}, {}};
  }

  static std::pair<at::Tensor, at::Tensor> gradients_of_readers(
      const torch::autograd::variable_list& gradients) {
    std::vector<at::Tensor> defined;
    for (const at::Tensor& gradient : gradients) {
      if (gradient.defined()) {
        defined.push_back(channels_last(gradient));
      }
    }
    return {defined.at(0), defined.size() > 1 ? defined[1] : at::Tensor()};
  }
};

template <class Normaliser>
at::Tensor fused_batch_norm(const at::Tensor& x, const BatchNormalisation& of, const Activation& activation) {
  const at::Tensor residual =
      activation.residual.defined() ? activation.residual : at::empty({0}, x.options());
  const torch::autograd::variable_list results =
      FusedBatchNorm<Normaliser>::apply(x, of.gamma, of.shift, residual, of.mean, of.variance, of.momentum,
                                        activation.leak, activation.pooled, activation.again != nullptr);
  if (activation.again != nullptr) {
    *activation.again = results[1];
  }
  return results[0];
}

}  // namespace bncollapse::nets
