#include "flat_parameters.hpp"

namespace bncollapse::nets {
namespace {

/// Outputs x inputs x row x column as it lies in channels-last order, and back.
at::Tensor to_stored_order(const at::Tensor& tensor) {
  return tensor.dim() == 4 ? tensor.permute({0, 2, 3, 1}) : tensor;
}
at::Tensor to_logical_order(const at::Tensor& tensor) {
  return tensor.dim() == 4 ? tensor.permute({0, 3, 1, 2}) : tensor;
}

}  // namespace

FlatParameters::FlatParameters(Network& network, at::Device device) {
  const std::vector<Parameter> parameters = network.parameters();
  std::vector<at::Tensor> pieces;
  for (const Parameter& parameter : parameters) {
    pieces.push_back(to_stored_order(parameter.value->detach()).reshape(-1));
    normalisation_start_ += parameter.normalisation ? 0 : parameter.value->numel();
  }
  values_ = at::cat(pieces).to(device);
  std::int64_t start = 0;
  for (const Parameter& parameter : parameters) {
    const auto stored_shape = to_stored_order(parameter.value->detach()).sizes().vec();
    const at::Tensor stored = values_.narrow(0, start, parameter.value->numel()).view(stored_shape);
    start += parameter.value->numel();
    *parameter.value = to_logical_order(stored).detach().requires_grad_(true);
    leaves_.push_back(*parameter.value);
  }
}

at::Tensor FlatParameters::gradient(const at::Tensor& scalar) const {
  const std::vector<at::Tensor> gradients = torch::autograd::grad({scalar}, leaves_);
  std::vector<at::Tensor> pieces;
  for (const at::Tensor& gradient : gradients) {
    pieces.push_back(to_stored_order(gradient).reshape(-1));
  }
  return at::cat(pieces);
}

}  // namespace bncollapse::nets
