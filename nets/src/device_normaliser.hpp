#pragma once

#include <cstdint>

#include "fused_batch_norm.hpp"
#include "normalisation_tasks.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

/// FusedBatchNorm's normaliser on a device: the tasks of normalisation_tasks.hpp, two forward and two
/// backward. No number is read on the host.
/// @tparam Device  Device().run(task, groups)
template <class Device>
class DeviceNormaliser {
 public:
  DeviceNormaliser(const at::Tensor& x, double leak, bool pooled) : x_(x), leak_(static_cast<float>(leak)) {
    shape_.positions = x.size(0) * x.size(2) * x.size(3);
    shape_.columns = x.size(3);
    shape_.channels = static_cast<int>(x.size(1));
    shape_.pooled = pooled;
  }

  NormalisedOutput forward(const BatchNormalisation& of, const at::Tensor& residual) const {
    const std::int64_t cut = shape_.pooled ? 2 : 1;
    NormalisedOutput out{at::empty({x_.size(0), x_.size(1), x_.size(2) / cut, x_.size(3) / cut},
                                   x_.options().memory_format(at::MemoryFormat::ChannelsLast)),
                         at::empty_like(of.gamma), at::empty_like(of.gamma)};
    with_kind([&]<class Number, int width, bool pooled>(Kind<Number, width, pooled>) {
      MomentsTask<Number, width> moments;
      const at::Tensor pieces = begin(moments);
      moments.shape.pooled = false;
      moments.x = numbers<Number>(x_);
      Device().run(moments, shape_.groups());
      NormaliseTask<Number, width, pooled> normalise;
      use(normalise, pieces);
      normalise.x = moments.x;
      normalise.residual = numbers<Number>(residual);
      normalise.y = numbers<Number>(out.y);
      normalise.gamma = numbers<float>(of.gamma);
      normalise.shift = numbers<float>(of.shift);
      normalise.mean = numbers<float>(out.mean);
      normalise.inverse = numbers<float>(out.inverse);
      normalise.running_mean = numbers<float>(of.mean);
      normalise.running_variance = numbers<float>(of.variance);
      normalise.momentum = of.momentum;
      normalise.epsilon = variance_epsilon;
      normalise.leak = leak_;
      Device().run(normalise, shape_.groups());
    });
    return out;
  }

  NormalisationGradients backward(const NormalisedState& state, const at::Tensor& dy,
                                  const at::Tensor& more_dy) const {
    const at::Tensor& y = state.y;
    NormalisationGradients out{x_.detach(), at::empty_like(state.gamma), at::empty_like(state.shift),
                               y.defined() ? at::empty_like(x_) : at::Tensor()};
    const ForwardNumbers forward{numbers<float>(state.mean), numbers<float>(state.inverse),
                                 numbers<float>(state.gamma), numbers<float>(state.shift)};
    with_kind([&]<class Number, int width, bool pooled>(Kind<Number, width, pooled>) {
      GradientSumsTask<Number, width, pooled> sums;
      const at::Tensor pieces = begin(sums);
      sums.x = numbers<Number>(x_);
      sums.y = numbers<Number>(y);
      sums.dy = numbers<Number>(dy);
      sums.more_dy = numbers<Number>(more_dy);
      sums.residual_gradient = numbers<Number>(out.residual);
      sums.forward = forward;
      sums.leak = leak_;
      Device().run(sums, shape_.groups());
      InputGradientTask<Number, width, pooled> input;
      use(input, pieces);
      input.x = sums.x;
      input.dy = y.defined() ? sums.residual_gradient : sums.dy;  // the residual's gradient is dz
      input.dx = numbers<Number>(out.input);
      input.forward = forward;
      input.gamma_gradient = numbers<float>(out.gamma);
      input.shift_gradient = numbers<float>(out.shift);
      input.leak = y.defined() ? 1 : leak_;
      Device().run(input, shape_.groups());
    });
    return out;
  }

 private:
  template <class Number, int width, bool pooled>
  struct Kind {};

  template <class Body>
  void with_kind(const Body& body) const {
    const auto with_pooling = [&]<class Number, int width>() {
      shape_.pooled ? body(Kind<Number, width, true>()) : body(Kind<Number, width, false>());
    };
    const auto with_width = [&]<class Number>() {
      shape_.channels % 4 == 0 ? with_pooling.template operator()<Number, 4>()
                               : with_pooling.template operator()<Number, 1>();
    };
    x_.scalar_type() == at::kBFloat16 ? with_width.template operator()<BFloat16Bits>()
                                      : with_width.template operator()<float>();
  }

  /// Memory for the pieces' sums.
  template <class Task>
  at::Tensor begin(Task& task) const {
    const at::Tensor pieces = at::empty({shape_.groups(), GroupSums::sums}, x_.options().dtype(at::kDouble));
    task.shape = shape_;
    task.pieces = pieces.template data_ptr<double>();
    return pieces;
  }
  template <class Task>
  void use(Task& task, const at::Tensor& pieces) const {
    task.shape = shape_;
    task.pieces = pieces.data_ptr<double>();
  }

  const at::Tensor& x_;
  float leak_;
  NormalisationShape shape_;
};

}  // namespace bncollapse::nets
