#pragma once

#include "bncollapse/theory/drift.hpp"
#include "fresh_sample.hpp"

namespace bncollapse::theory {

/// The gradient's part of the one-step drift for one sample (m = 1), as the definition says: the mean over x
/// and g of P(scale - t x, shift - t) - P(scale, shift), t = rate g s(z).
///
/// With r = -shift/scale the step moves the threshold by d = t (1 + r x) / (scale - t x). Where d is small, P
/// moves by
///   -p(r) d - integral_0^d (d - y) p'(r + y) dy,
/// and the first-order parts of g = mean + sigma z and mean - sigma z are added in closed form:
///   d_+ + d_- = (1 + r x)/scale [2 rate s mean + x (t_+^2/(scale - t_+ x) + t_-^2/(scale - t_- x))].
/// Nothing cancels, however small the step. Elsewhere P after the step is evaluated.
Quadrature single_sample_drift(const Law& law, const Neuron& neuron, const Noise& noise,
                               const FreshSample& fresh, const Pause& pause);

}  // namespace bncollapse::theory
