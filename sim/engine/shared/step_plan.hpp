// What the kernels are told: plain data, so that every engine, the CUDA one too, can take it as it is.
#pragma once

#include <cstdint>

#include "shared/random_streams.hpp"

namespace bncollapse::sim {

/// A law, standardised to mean 0 and variance 1, that kernels can sample.
enum class SampleLaw { gaussian, laplace, logistic, uniform, rademacher, student_t, skew_normal, empirical };

/// A bin of an empirical law: x = edge + scale (F - cumulative).
template <class T>
struct EmpiricalBin {
  T cumulative = 0;  ///< F at the bin's lower edge
  T edge = 0;        ///< the bin's lower edge
  T scale = 0;       ///< dx/dF inside
};

/// Equal parts of [0, 1], for each of which an empirical law says in which bin it begins.
inline constexpr int empirical_guide_size = 1024;

/// The law with its constants; those of other laws are unused.
template <class T>
struct SampleSource {
  SampleLaw law = SampleLaw::gaussian;
  // student_t with nu degrees of freedom
  T exponent = 0;  ///< 2 / nu
  T square = 0;    ///< (nu - 2) / 2
  // skew_normal: x = folded |Z0| + plain Z1 - shift
  T folded = 0, plain = 0, shift = 0;
  // empirical
  const EmpiricalBin<T>* bins = nullptr;
  int bin_count = 0;
  const std::int32_t* guide = nullptr;  ///< [k]: the bin that holds F = k / empirical_guide_size
};

/// How (gamma, beta) of a trajectory's start is drawn.
struct InitialDraw {
  enum class Kind { normal, uniform, ratio } kind = Kind::normal;
  double gamma_offset = 0, gamma_scale = 0;  ///< gamma = offset + scale * draw
  double beta_offset = 0, beta_scale = 0;    ///< beta = offset + scale * draw
  SampleSource<double> ratio;                ///< ratio: the law of beta's draw; gamma is its offset
};

enum class OptimizerFamily { sgd, momentum, adam };

/// gaussian_pairs  x and g Gaussian: one Philox block serves two samples
/// any             one Philox block serves one sample
/// gaussian_limit  the step from its Gaussian limit: one Philox block serves two steps
enum class DrawKind { gaussian_pairs, any, gaussian_limit };

/// Everything that a step needs and that stays fixed along a run.
template <class T>
struct StepPlan {
  OptimizerFamily family = OptimizerFamily::sgd;
  DrawKind draw_kind = DrawKind::gaussian_pairs;
  // Asked for beside the plain walk:
  bool antithetic = false;        ///< a second neuron that sees the opposite noise
  bool control_variate = false;   ///< the martingale control variate
  bool first_activation = false;  ///< the step of the first active sample
  bool collapse_time = false;     ///< the first step after which the neuron is collapsed

  PhiloxKey key;
  SampleSource<T> x, noise;
  T noise_mean = 0, noise_std = 1;
  T alpha = 0, leak = 0;  ///< leak: of the rectifier, for z <= 0
  std::int64_t batch = 1;
  T inverse_batch = 1;

  T l2 = 0;  ///< lambda where decay is added to the gradient
  T momentum = 0;
  bool nesterov = false;
  T gradient_weight = 0;  ///< adam: 1 - beta1
  T square_weight = 0;    ///< adam: 1 - beta2
  T epsilon = 0;

  T gamma_threshold = 0;  ///< collapsed: |gamma| below it, and u
  T upper_threshold = 0;  ///< above this one (gamma > 0) or
  T lower_threshold = 0;  ///< below this one (gamma < 0)

  /// Samples that a step draws.
  std::int64_t samples_per_step() const { return draw_kind == DrawKind::gaussian_limit ? 1 : batch; }
  bool has_extras() const { return antithetic || control_variate || first_activation || collapse_time; }
};

/// What changes from step to step, one element a step.
///   sgd       w <- w - shrink w - rate G
///   momentum  v <- momentum v + G + l2 w,  w <- w - rate v
///   adam      w <- w - shrink w - rate m / (root sqrt(v) + epsilon)
template <class T>
struct Rates {
  const T* rate = nullptr;
  const T* shrink = nullptr;
  const T* root = nullptr;
};

/// A parameter and its optimizer's state, one element a trajectory.
template <class T>
struct ParameterArrays {
  T* value = nullptr;
  T* first = nullptr;   ///< velocity or first moment
  T* second = nullptr;  ///< second moment
};
template <class T>
struct NeuronArrays {
  ParameterArrays<T> gamma, beta;
};
template <class T>
struct BlockArrays {
  NeuronArrays<T> neuron, antithetic;
  ParameterArrays<T> control_variate;
  std::int64_t* first_activation = nullptr;  ///< 0: not yet
  std::int64_t* collapse_time = nullptr;     ///< 0: not yet
};

/// Elements [begin, begin + count) of the arrays through steps first_step + 1 ... first_step + steps.
template <class T>
struct Slice {
  std::uint64_t first_trajectory = 0;  ///< of element 0; a multiple of the lanes' number
  int begin = 0, count = 0;            ///< multiples of the kernels' width
  std::int64_t first_step = 0;         ///< steps taken before
  std::int64_t steps = 0;
  Rates<T> rates;  ///< of these steps
};

}  // namespace bncollapse::sim
