#pragma once

namespace bncollapse::theory {

/// The trained neuron seen by a fresh sample x':
///   z' = scale x' + shift - rate sum_i Y_i,   Y_i = g_i s(z_i) (1 + x_i x'),
/// scale = k gamma, shift = k beta + alpha, k = 1 - eta lambda, rate = eta/m.
struct FreshSample {
  double scale;
  double shift;
  double rate;

  /// z' without the gradient's part.
  double margin(double fresh_x) const { return scale * fresh_x + shift; }

  /// x' with margin 0; not finite where scale = 0.
  double root() const { return -shift / scale; }
};

}  // namespace bncollapse::theory
