#include "convolution.hpp"

#include <array>
#include <tuple>

namespace bncollapse::nets {
namespace {

using Gradients = std::tuple<at::Tensor, at::Tensor, at::Tensor>;

/// Of a convolution with stride 1: with respect to x, weight and bias, where `wanted`.
Gradients gradients(const at::Tensor& dy, const at::Tensor& x, const at::Tensor& weight,
                    std::array<bool, 3> wanted) {
  return at::convolution_backward(dy, x, weight, at::OptionalIntArrayRef{}, {1, 1}, {1, 1}, {1, 1}, false,
                                  {0, 0}, 1, wanted);
}

struct MirroredConvolution : torch::autograd::Function<MirroredConvolution> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x,
                            const at::Tensor& weight) {
    context->save_for_backward({x, weight});
    const at::Tensor mirrored = weight.flip({2, 3}).transpose(0, 1);
    // What is differentiated by has x's shape; its numbers do not count.
    return std::get<0>(gradients(x, x, mirrored, {true, false, false}));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& dy) {
    const auto saved = context->get_saved_variables();
    const auto [dx, weight_gradient, none] = gradients(dy[0], saved[0], saved[1], {true, true, false});
    return {dx, weight_gradient};
  }
};

/// Where the gradient's kernel of oneDNN 2.6 is faster than the forward one.
bool faster_mirrored(const at::Tensor& x, const at::Tensor& weight, std::int64_t stride) {
  const std::int64_t channels = weight.size(1);
  const bool type = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  return x.is_cpu() && type && stride == 1 && weight.size(0) == channels && channels >= 16 && channels <= 32;
}

}  // namespace

at::Tensor convolved(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                     std::int64_t stride) {
  if (bias.defined() || !faster_mirrored(x, weight, stride)) {
    return at::conv2d(x, weight, bias, stride, 1);
  }
  return MirroredConvolution::apply(x, weight);
}

}  // namespace bncollapse::nets
