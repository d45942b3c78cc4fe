#pragma once

#include "bncollapse/theory/law.hpp"

namespace bncollapse::theory {

/// A normalised neuron z = gamma x + beta + alpha followed by a (leaky) rectifier
/// (docs/THEORY.md section 1, Eq. 1-2). All members are dimensionless.
struct Neuron {
  double gamma = 1;
  double beta = 0;
  double alpha = 0;  ///< constant post-shift of psBN; 0 is plain BN
  double leak = 0;   ///< a, the rectifier's slope for z <= 0: 0 ReLU, 1 linear
};

/// u = -(beta + alpha) / gamma, the threshold on x. Infinite (with the sign that makes P right)
/// where gamma = 0. Throws InvalidArgument for members that are not finite.
double threshold(const Neuron& neuron);

/// P = Pr[z > 0]: Q(u) for gamma > 0, F(u) for gamma < 0, 1(beta + alpha > 0) for gamma = 0 (Eq. 2).
double activation_probability(const Law& law, const Neuron& neuron);

/// dP/dbeta = p(u)/|gamma| and dP/dgamma = u p(u)/|gamma|; both 0 where gamma = 0 and beta + alpha != 0.
struct Gradient {
  double gamma = 0;
  double beta = 0;
};
Gradient activation_probability_gradient(const Law& law, const Neuron& neuron);

/// I_k = E[s(z)^2 x^k] and, for the signal term, S_k = E[s(z) x^k], k = 0, 1, 2 (docs/THEORY.md section 2).
struct RectifierMoments {
  double i0, i1, i2;
  double s0, s1, s2;
};
RectifierMoments rectifier_moments(const Law& law, const Neuron& neuron);

}  // namespace bncollapse::theory
