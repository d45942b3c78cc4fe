#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bncollapse/fields/enumeration.hpp"
#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/neuron.hpp"
#include "bncollapse/theory/pause.hpp"

namespace bncollapse::theory {

/// The laws of the gradient noise, each scaled to the stated mean and standard deviation.
enum class NoiseLaw { gaussian, rademacher, uniform, laplace, student_t };

/// g = mean + sigma * (a standardised draw of `law`), independent of x. Unit: the loss's.
struct Noise {
  NoiseLaw law = NoiseLaw::gaussian;
  double mean = 0;  ///< mu
  double std = 1;   ///< standard deviation, 0 or more
  double dof = 5;   ///< student_t: from smallest_degrees_of_freedom to largest_degrees_of_freedom
};

/// One SGD step without momentum (Eq. 1).
struct SgdStep {
  double learning_rate = 0.01;  ///< eta, 0 or more
  double weight_decay = 0;      ///< lambda, 0 or more
  std::int64_t batch = 1;       ///< m, 1 or more: independent samples averaged
};

/// A(u) of Theorem 1 for gamma > 0 (Eq. 4):
///   A(u) = -p'(u)/2 (I0 + 2u I1 + u^2 I2) - p(u) (I1 + u I2),
/// with I_k = E[s^2 x^k], s = 1 for x > u and `leak` otherwise.
/// Gaussian x, ReLU: A(0) = -1/(2 pi). Throws InvalidArgument("u") for NaN.
double drift_coefficient(const Law& law, double u, double leak = 0);

/// The same for a neuron: gamma < 0 by reflecting x. Throws InvalidArgument("gamma") for gamma = 0.
double drift_coefficient(const Law& law, const Neuron& neuron);

/// (A(u) + A(-u)) / 2, the average over an even law of beta/gamma (Eq. 5): negative for the Gaussian
/// at every u, not for every law.
double even_average_drift_coefficient(const Law& law, double u, double leak = 0);

/// The same for a neuron: gamma < 0 by reflecting x. Throws InvalidArgument("gamma") for gamma = 0.
double even_average_drift_coefficient(const Law& law, const Neuron& neuron);

/// epsilon = eta sigma / (sqrt(m) |gamma|), the expansion parameter. Infinite for gamma = 0.
double expansion_parameter(const Neuron& neuron, const Noise& noise, const SgdStep& step);

/// E|c| and E[c^2] of c, the change of P by a step, averaged over g and its mirror image 2 mean - g (the
/// first-order part cancels), for one sample of the batch alone. To some 10 %: a few hundred nodes over the
/// tails of x on either side of the threshold, and of g.
struct ChangeMoments {
  double first = 0, second = 0;
};
ChangeMoments change_moments(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step);

/// The share of trajectories that an estimate of E[P'] - P rests on, 1 / (1 + E[c^2] / (m E|c|^2)): where
/// few samples are active, or the largest gradients alone move P, it is small, and so is the standard error
/// then. 0 where nothing moves P.
double carrying_share(const ChangeMoments& moments, std::int64_t batch);

/// Theorem 1: E[P'] - P = epsilon^2 A(u) + O(epsilon^4), for mean 0 and no weight decay (Eq. 3).
double theorem1_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step);

/// The first-order term for mean mu != 0: -(eta mu / gamma) p(u) (E[s] + u E[s x]) (sign for gamma < 0 by
/// reflection).
double signal_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step);

/// A value by quadrature and a bound of its absolute error (truncation, rounding, underflow). A quadrature
/// that gives up after a bounded amount of work says so by an error as large as the value could be off.
struct Quadrature {
  double value = 0;
  double error = 0;
};

/// E[P(gamma', beta')] - P(gamma, beta) over one step, exactly, for any m, noise law, mean and decay. The
/// value is a difference of probabilities, |value| <= 1.
Quadrature exact_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step,
                       const Pause& pause = {});

/// Relative deviation of Theorem 1 from the exact value up to which a point counts as in its range.
inline constexpr double default_range_tolerance = 0.05;

/// True where Theorem 1 differs from every exact value that the quadrature's error allows by at most
/// `tolerance` of it.
bool is_in_theorem1_range(double theorem1, const Quadrature& exact,
                          double tolerance = default_range_tolerance);

/// Everything the program's verb `theory` reports for one point.
struct DriftPrediction {
  double activation_probability = 0;
  double drift_coefficient = 0;
  double theorem1 = 0;
  double signal = 0;
  Quadrature exact;
  double epsilon = 0;
  bool in_range = false;  ///< is_in_theorem1_range
};
DriftPrediction predict_drift(const Law& law, const Neuron& neuron, const Noise& noise, const SgdStep& step,
                              double range_tolerance = default_range_tolerance, const Pause& pause = {});

}  // namespace bncollapse::theory

template <>
struct bncollapse::fields::Enumeration<bncollapse::theory::NoiseLaw> {
  using enum theory::NoiseLaw;
  static constexpr std::array all{
      Enumerator{gaussian, "gaussian", "normal", "Gaussian"},
      Enumerator{rademacher, "rademacher", "mean - std or mean + std, each with probability 1/2",
                 "Rademacher"},
      Enumerator{uniform, "uniform", "uniform over mean +- sqrt(3) std"},
      Enumerator{laplace, "laplace", "double exponential", "Laplace"},
      Enumerator{student_t, "student_t", "Student's t with `dof` degrees of freedom, scaled to std",
                 "Student t"}};
};
