#pragma once

#include <cstdint>

#include "bncollapse/theory/drift.hpp"
#include "fresh_sample.hpp"

namespace bncollapse::theory {

/// The gradient's part of the one-step drift for any batch m by Fourier inversion. With S = rate sum_i Y_i
/// given x', c its margin, and psi(w; x') = E[exp(i w S) | x'] = E[exp(i w rate Y) | x']^m,
///   Pr[S < c] - 1(c > 0) = -(1/pi) integral_0^inf Im[exp(-i w c) (psi(w) - 1)] dw / w
/// (J. Gil-Pelaez, Biometrika 38 (1951) 481-482, the indicator being the same formula with psi = 1). The
/// integral over x' is taken first: the density's smoothness ends the integral over w long before atoms or a
/// lattice of S can show.
Quadrature characteristic_drift(const Law& law, const Neuron& neuron, const Noise& noise,
                                const FreshSample& fresh, std::int64_t batch, const Pause& pause);

}  // namespace bncollapse::theory
