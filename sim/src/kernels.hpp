// The kernels of one lane type: loops over a block's arrays.

#if defined(BNC_SIM_KERNELS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_KERNELS_HPP
#undef BNC_SIM_KERNELS_HPP
#else
#define BNC_SIM_KERNELS_HPP
#endif

#include "climb.hpp"
#include "kernel_table.hpp"
#include "walk.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class T, OptimizerFamily family, DrawKind draw_kind, bool extras>
void advance(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block) {
  for (int element = slice.begin; element < slice.begin + slice.count; element += Lane<T>::width) {
    Walk<T, family, draw_kind, extras> walk(plan, slice, block, element);
    walk.run();
  }
}

template <class T, OptimizerFamily family, DrawKind draw_kind>
Advance<T> select_extras(const StepPlan<T>& plan) {
  return plan.has_extras() ? advance<T, family, draw_kind, true> : advance<T, family, draw_kind, false>;
}
template <class T, OptimizerFamily family>
Advance<T> select_draws(const StepPlan<T>& plan) {
  switch (plan.draw_kind) {
    case DrawKind::gaussian_pairs:
      return select_extras<T, family, DrawKind::gaussian_pairs>(plan);
    case DrawKind::any:
      return select_extras<T, family, DrawKind::any>(plan);
    case DrawKind::gaussian_limit:
      break;
  }
  return select_extras<T, family, DrawKind::gaussian_limit>(plan);
}
template <class T>
Advance<T> select_advance(const StepPlan<T>& plan) {
  switch (plan.family) {
    case OptimizerFamily::sgd:
      return select_draws<T, OptimizerFamily::sgd>(plan);
    case OptimizerFamily::momentum:
      return select_draws<T, OptimizerFamily::momentum>(plan);
    case OptimizerFamily::adam:
      break;
  }
  return select_draws<T, OptimizerFamily::adam>(plan);
}

inline void draw_initial(const InitialDraw& draw, PhiloxKey key, std::uint64_t first_trajectory, int count,
                         double* gamma, double* beta) {
  using V = Lane<double>;
  for (int i = 0; i < count; i += V::width) {
    BlockStream<V> stream(key, Purpose::initial, first_trajectory + static_cast<std::uint64_t>(i), 0);
    const Words<V> words = stream(0);
    Pair<V> drawn{V(0), V(0)};
    switch (draw.kind) {
      case InitialDraw::Kind::normal:
        drawn = normal_pair<V>(words.w0, words.w1);
        break;
      case InitialDraw::Kind::uniform:
        drawn = {uniform<V>(words.w0, words.w1), uniform<V>(words.w2, words.w3)};
        break;
      case InitialDraw::Kind::ratio:
        drawn.second = standard_draw<V>(draw.ratio, words.w0, words.w1);
        break;
    }
    fma(V(draw.gamma_scale), drawn.first, V(draw.gamma_offset)).store(gamma + i);
    fma(V(draw.beta_scale), drawn.second, V(draw.beta_offset)).store(beta + i);
  }
}

inline void gaussian_probability(const double* gamma, const double* beta, double alpha, int count,
                                 double* probability) {
  using V = Lane<double>;
  for (int i = 0; i < count; i += V::width) {
    normal_survival(-activation_margin(V::load(gamma + i), V::load(beta + i), V(alpha)))
        .store(probability + i);
  }
}

/// Sums run over 16 virtual lanes, whatever the width, and end in a fixed tree.
inline constexpr int virtual_lanes = 16;

/// sum of (value - shift)^power over `count` values, a multiple of virtual_lanes.
template <int power>
double lane_sum(const double* values, int count, double shift) {
  using V = Lane<double>;
  constexpr int parts = virtual_lanes / V::width;
  V sums[parts];
  for (int part = 0; part < parts; ++part) sums[part] = V(0);
  for (int i = 0; i < count; i += virtual_lanes) {
    for (int part = 0; part < parts; ++part) {
      const V value = V::load(values + i + part * V::width) - V(shift);
      sums[part] = power == 1 ? sums[part] + value : fma(value, value, sums[part]);
    }
  }
  double lanes[virtual_lanes];
  for (int part = 0; part < parts; ++part) sums[part].store(lanes + part * V::width);
  for (int half = virtual_lanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

inline Moments moments(double* values, int count) {
  const int padded = (count + maximum_width - 1) / maximum_width * maximum_width;
  for (int i = count; i < padded; ++i) values[i] = 0;
  const double mean = lane_sum<1>(values, padded, 0) / count;
  for (int i = count; i < padded; ++i) values[i] = mean;
  return {count, mean, lane_sum<2>(values, padded, mean)};
}

inline Kernels make_kernels(std::string_view instruction_set) {
  return {instruction_set,
          Lane<float>::width,
          Lane<double>::width,
          select_advance<float>,
          select_advance<double>,
          draw_initial,
          gaussian_probability,
          climb,
          moments};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
