// What the kernels are told: plain data, so that every engine, the CUDA one too, can take it as it is.
#pragma once

#include <cstdint>
#include <type_traits>

#include "bncollapse/theory/optimizer_rule.hpp"
#include "shared/random_streams.hpp"
#include "shared/sample_source.hpp"

namespace bncollapse::sim {

/// Where trajectories start.
///   point    (gamma_offset, beta_offset)
///   table    trajectory i from row i mod rows
///   normal, uniform, ratio   gamma = offset + scale * draw, beta likewise; ratio draws beta alone, from its
///   law
struct StartPlan {
  enum class Kind { point, table, normal, uniform, ratio } kind = Kind::point;
  double gamma_offset = 0, gamma_scale = 0;
  double beta_offset = 0, beta_scale = 0;
  SampleSource<double> ratio{};
  const double* gamma_rows = nullptr;
  const double* beta_rows = nullptr;
  std::int64_t rows = 0;
};

/// gaussian_pairs  x and g Gaussian: one Philox block serves two samples
/// any             one Philox block serves one sample
/// gaussian_limit  the step from its Gaussian limit: one Philox block serves two steps
enum class DrawKind { gaussian_pairs, any, gaussian_limit };

/// call(std::integral_constant of the kind)
template <class Call>
auto with_draw_kind(DrawKind kind, const Call& call) {
  switch (kind) {
    case DrawKind::gaussian_pairs:
      break;
    case DrawKind::any:
      return call(std::integral_constant<DrawKind, DrawKind::any>{});
    case DrawKind::gaussian_limit:
      return call(std::integral_constant<DrawKind, DrawKind::gaussian_limit>{});
  }
  return call(std::integral_constant<DrawKind, DrawKind::gaussian_pairs>{});
}

/// Everything that a step needs and that stays fixed along a run.
template <class T>
struct StepPlan {
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

  theory::RuleConstants<T> optimizer;

  T gamma_threshold = 0;  ///< collapsed: |gamma| below it, and u
  T upper_threshold = 0;  ///< above this one (gamma > 0) or
  T lower_threshold = 0;  ///< below this one (gamma < 0)

  /// Samples that a step draws.
  std::int64_t samples_per_step() const { return draw_kind == DrawKind::gaussian_limit ? 1 : batch; }
  bool has_extras() const { return antithetic || control_variate || first_activation || collapse_time; }
};

/// theory::RuleRates, one element per step.
template <class T>
struct Rates {
  const T* rate = nullptr;
  const T* shrink = nullptr;
  const T* root = nullptr;
};

/// A parameter and what its rule keeps of it, one element per trajectory.
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
