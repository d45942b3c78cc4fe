// One step of the neuron (docs/THEORY.md section 1), for one lane type.

#if defined(BNC_SIM_STEP_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_STEP_HPP
#undef BNC_SIM_STEP_HPP
#else
#define BNC_SIM_STEP_HPP
#endif

#include "shared/elementary.hpp"
#include "shared/step_plan.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

#include "bncollapse/theory/optimizer_rules.inc.hpp"

template <class V>
struct NeuronState {
  Parameter<V> gamma, beta;
};

/// A derivative by (gamma, beta).
template <class V>
struct Gradient {
  V gamma, beta;
};

/// The gradient of one sample: g s(z) (x, 1), and whether it was active.
template <class V>
struct SampleGradient {
  Gradient<V> gradient;
  typename V::Mask active;
};
template <class V>
BNC_HD SampleGradient<V> sample_gradient(const NeuronState<V>& neuron, V alpha, V leak, V x, V g) {
  const auto active = fma(neuron.gamma.value, x, neuron.beta.value + alpha) > V(0);
  const V h = g * select(active, V(1), leak);
  return {{h * x, h}, active};
}

/// h = (beta + alpha)/|gamma|, so that P = Q(-h) for Gaussian x, cut at +-50; gamma = 0 takes the end that
/// makes P right.
template <class V>
BNC_HD V activation_margin(V gamma, V beta, V alpha) {
  const V shift = beta + alpha;
  const V radius = abs(gamma);
  const V limit(50);
  return select(radius == V(0), select(shift > V(0), limit, -limit), max(min(shift / radius, limit), -limit));
}

/// P for Gaussian x.
template <class V>
BNC_HD V gaussian_activation_probability(V gamma, V beta, V alpha) {
  return normal_survival(-activation_margin(gamma, beta, alpha));
}

/// (dP/dgamma, dP/dbeta) for Gaussian x: phi(h)/|gamma| (-h sign(gamma), 1); 0 where gamma = 0.
template <class V>
BNC_HD Gradient<V> probability_gradient(const NeuronState<V>& neuron, V alpha) {
  const V gamma = neuron.gamma.value;
  const V h = activation_margin(gamma, neuron.beta.value, alpha);
  const V radius = abs(gamma);
  const V density = select(radius > V(0), normal_pdf(h) / radius, V(0));
  const V u = select(gamma < V(0), h, -h);
  return {u * density, density};
}

/// A rectifier that a Gaussian x drives: phi and P at its threshold, and what is left of 1.
template <class V>
struct GaussianRectifier {
  V margin, density, active, inactive;
  typename V::Mask reflected;  ///< gamma < 0
};
template <class V>
BNC_HD GaussianRectifier<V> gaussian_rectifier(const NeuronState<V>& neuron, V alpha) {
  const V gamma = neuron.gamma.value;
  const V h = activation_margin(gamma, neuron.beta.value, alpha);
  const V tail = normal_survival(abs(h));
  const V rest = V(1) - tail;
  const auto off = h < V(0);
  return {h, normal_pdf(h), select(off, tail, rest), select(off, rest, tail), gamma < V(0)};
}

/// E[s^k (1, x, x^2)], `weight` being leak^k.
template <class V>
struct RectifierMoments {
  V zeroth, first, second;
};
template <class V>
BNC_HD RectifierMoments<V> rectifier_moments(const GaussianRectifier<V>& rectifier, V weight) {
  const V first = rectifier.density * (V(1) - weight);
  return {fma(weight, rectifier.inactive, rectifier.active), select(rectifier.reflected, -first, first),
          fma(weight, fma(rectifier.margin, rectifier.density, rectifier.inactive),
              fnma(rectifier.margin, rectifier.density, rectifier.active))};
}

/// E[G] = mu (E[s x], E[s]) for Gaussian x.
template <class V>
BNC_HD Gradient<V> mean_gradient(const GaussianRectifier<V>& rectifier,
                                 const StepPlan<typename V::Scalar>& plan) {
  const RectifierMoments<V> moments = rectifier_moments(rectifier, V(plan.leak));
  const V mean(plan.noise_mean);
  return {mean * moments.first, mean * moments.zeroth};
}

/// The batch's mean gradient from its Gaussian limit, z two independent standard normals:
/// mean mu (S1, S0), covariance (1/m) (E[g^2] ((I2, I1), (I1, I0)) - mu^2 (S1, S0)(S1, S0)^T).
template <class V>
BNC_HD Gradient<V> limit_gradient(const NeuronState<V>& neuron, const StepPlan<typename V::Scalar>& plan,
                                  V z0, V z1) {
  const V leak(plan.leak);
  const GaussianRectifier<V> rectifier = gaussian_rectifier(neuron, V(plan.alpha));
  const RectifierMoments<V> square = rectifier_moments(rectifier, leak * leak);
  const Gradient<V> mean = mean_gradient(rectifier, plan);
  const V mu(plan.noise_mean), sigma(plan.noise_std), weight(plan.inverse_batch);
  const V power = fma(sigma, sigma, mu * mu);
  const V beta_variance = max(weight * fnma(mean.beta, mean.beta, power * square.zeroth), V(0));
  const V covariance = weight * fnma(mean.gamma, mean.beta, power * square.first);
  const V gamma_variance = weight * fnma(mean.gamma, mean.gamma, power * square.second);
  // Cholesky factor of the covariance; rounding must not make a variance negative.
  const V beta_scale = sqrt(beta_variance);
  const V shared = select(beta_scale > V(0), covariance / beta_scale, V(0));
  const V gamma_scale = sqrt(max(fnma(shared, shared, gamma_variance), V(0)));
  return {fma(shared, z0, fma(gamma_scale, z1, mean.gamma)), fma(beta_scale, z0, mean.beta)};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
