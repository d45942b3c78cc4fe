#pragma once

#include <cstdint>

namespace bncollapse::nets {

/// A bfloat16: the upper half of a float.
struct BFloat16Bits {
  std::uint16_t bits;
};

/// A normalised layer's input and what is done to it, images in channels-last order (positions x channels):
///   z = (x - mean) factor + shift,  y = rectified(z + residual),  rectified(z) = z > 0 ? z : leak z.
/// Where it is pooled, y is the largest of 2 x 2 rectified z (the first of equals), and there is no residual.
template <class Number>
struct NormalisedLayer {
  const Number* x;
  const Number* residual;  ///< null: 0
  std::int64_t channels;
  std::int64_t columns;  ///< of an image; pooled layers only
  const float *mean, *factor, *shift;
  float leak;
};

/// Loops over a layer on the processor's vectors. Every channel is a lane of its own, so that the bits are
/// the same for every vector width. `begin` and `end` count positions, for pooled functions rows of y. Sums
/// are taken in single precision over at most 64 terms, in double over those sums, and added to `first` and
/// `second`, a number per channel.
template <class Number>
struct ActivationKernels {
  /// Adds up x - pivot and its square.
  void (*moments)(const Number* x, const float* pivot, std::int64_t channels, std::int64_t begin,
                  std::int64_t end, double* first, double* second);

  void (*forward)(const NormalisedLayer<Number>&, Number* y, std::int64_t begin, std::int64_t end);
  void (*forward_pooled)(const NormalisedLayer<Number>&, Number* y, std::int64_t begin, std::int64_t end);

  /// Adds up dz and dz (x - mean), dz = (dy + more_dy) rectified'(z). With a residual, the sign of z comes
  /// from y, and dz, which is the residual's gradient, is written to `residual_gradient`. `more_dy` may be
  /// null, and must be null without a residual.
  void (*gradient_sums)(const NormalisedLayer<Number>&, const Number* y, const Number* dy,
                        const Number* more_dy, Number* residual_gradient, std::int64_t begin,
                        std::int64_t end, double* first, double* second);
  void (*gradient_sums_pooled)(const NormalisedLayer<Number>&, const Number* dy, std::int64_t begin,
                               std::int64_t end, double* first, double* second);

  /// dx = factor dz + pull (x - mean) + constant, with `pull` and `constant` per channel.
  void (*input_gradient)(const NormalisedLayer<Number>&, const float* pull, const float* constant,
                         const Number* dy, Number* dx, std::int64_t begin, std::int64_t end);
  void (*input_gradient_pooled)(const NormalisedLayer<Number>&, const float* pull, const float* constant,
                                const Number* dy, Number* dx, std::int64_t begin, std::int64_t end);
};

/// For the best instruction set at hand. Number: float or BFloat16Bits.
template <class Number>
const ActivationKernels<Number>& activation_kernels();

}  // namespace bncollapse::nets
