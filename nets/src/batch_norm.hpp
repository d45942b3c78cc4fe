#pragma once

#include <functional>

#include "torch.hpp"

namespace bncollapse::nets {

/// Added to a variance before its root is taken.
inline constexpr double variance_epsilon = 1e-5;

struct BatchNormalisation {
  at::Tensor gamma, shift;    ///< a number per channel; shift is beta + alpha
  at::Tensor mean, variance;  ///< running statistics
  bool batch_statistics;      ///< normalise by the batch's own statistics, not the running ones
  double momentum;            ///< the batch's share in the new running statistics
};

/// What follows a normalisation.
struct Activation {
  double leak = 1;           ///< of the rectifier for z <= 0; 1: no rectifier
  at::Tensor residual = {};  ///< added before the rectifier; undefined: nothing
  bool pooled = false;       ///< then the largest of 2 x 2 is taken; not with a residual
  /// Takes the result a second time, for a second reader. The gradients of both are then added in one pass.
  at::Tensor* again = nullptr;
};

/// Every begin_layer of this thread calls `call`, unless it is empty. What it throws ends the computation of
/// the network's output or gradient.
void before_layers(std::function<void()> call);
/// To be called on the CPU before a convolution and before the gradient of a fused batch_norm, since one step
/// of a large network takes long.
void begin_layer();

/// z > 0 ? z : leak z; z may be overwritten.
at::Tensor rectified(at::Tensor z, double leak);

/// The largest of 2 x 2, the first of equals. On CUDA LibTorch's own gradient depends on the order of atomic
/// additions; this one's does not.
at::Tensor max_pooled(const at::Tensor& z);

/// The same without LibTorch's gradient.
at::Tensor deterministic_max_pooled(const at::Tensor& z);

/// z = (x - mean) / sqrt(variance + epsilon) * gamma + shift over every channel of x (count x channels x rows
/// x columns), then rectified(z + residual), pooled. In float32 and bfloat16, on the CPU and, where this
/// build has the kernels, on CUDA, this is one operation with a few passes over memory. It computes in
/// float32. Batch statistics are summed in single precision over 64 positions and in double over these sums.
/// (On the CPU, LibTorch 1.13 sums all positions of channels-last images in single precision. That left
/// relative errors of 7e-6 in the gradients of 32 x 8 x 32 x 32 normal numbers, 50 to 120 times those of its
/// other layout.) The gradient with respect to x takes the memory of x, so that nothing else may need x then;
/// LibTorch's check of versions detects that. In other types, the operations are LibTorch's own.
at::Tensor batch_norm(const at::Tensor& x, const BatchNormalisation& normalisation,
                      const Activation& activation = {});

}  // namespace bncollapse::nets
