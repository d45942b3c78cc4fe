#pragma once

#include "torch.hpp"

namespace bncollapse::nets {

/// LibTorch's conv2d of x (count x inputs x rows x columns) with 3 x 3 weights (outputs x inputs x 3 x 3) and
/// one ring of zeros around x; an undefined bias is 0. With stride 1 a convolution is also the gradient, with
/// respect to its input, of the convolution with mirrored weights, which oneDNN has another kernel for: on
/// the CPU, in float32 and bfloat16, layers of 16 to 32 channels that keep their number take that one.
at::Tensor convolved(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                     std::int64_t stride);

}  // namespace bncollapse::nets
