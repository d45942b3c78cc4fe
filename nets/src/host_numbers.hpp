#pragma once

#include <vector>

#include "torch.hpp"

namespace bncollapse::nets {

/// A tensor's numbers on the host, in row-major order.
inline std::vector<double> host_numbers(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU, at::kDouble).contiguous();
  return {plain.data_ptr<double>(), plain.data_ptr<double>() + plain.numel()};
}

}  // namespace bncollapse::nets
