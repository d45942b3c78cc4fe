// The kernels of one lane type: loops over a block's arrays.

#if defined(BNC_SIM_KERNELS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_KERNELS_HPP
#undef BNC_SIM_KERNELS_HPP
#else
#define BNC_SIM_KERNELS_HPP
#endif

#include "climb.hpp"
#include "kernel_table.hpp"
#include "lane_sum.hpp"
#include "walk.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

// GCC's scheduling before register allocation brings independent instructions together; with AVX2's 16
// registers it spills instead.
#if defined(BNC_VECTOR_LANES) && defined(__GNUC__) && !defined(__clang__) && HWY_TARGET != HWY_AVX2
#define BNC_SCHEDULE_EARLY __attribute__((optimize("schedule-insns")))
#else
#define BNC_SCHEDULE_EARLY
#endif

template <class T, OptimizerFamily family, DrawKind draw_kind, bool extras>
BNC_SCHEDULE_EARLY void advance(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block) {
  for (int element = slice.begin; element < slice.begin + slice.count; element += Lane<T>::width) {
    Walk<T, family, draw_kind, extras> walk(plan, slice, block, element);
    walk.run();
  }
}

#undef BNC_SCHEDULE_EARLY

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
    const Pair<V> start = draw_start<V>(draw, key, first_trajectory + static_cast<std::uint64_t>(i));
    start.first.store(gamma + i);
    start.second.store(beta + i);
  }
}

inline void gaussian_probability(const double* gamma, const double* beta, double alpha, int count,
                                 double* probability) {
  using V = Lane<double>;
  for (int i = 0; i < count; i += V::width) {
    gaussian_activation_probability(V::load(gamma + i), V::load(beta + i), V(alpha)).store(probability + i);
  }
}

/// sum of (value - shift)^power over `count` values, a multiple of virtual_lanes.
template <int power>
double lane_sum(const double* values, int count, double shift) {
  using V = Lane<double>;
  constexpr int parts = virtual_lanes / V::width;
  V sums[parts];
  for (int part = 0; part < parts; ++part) sums[part] = V(0);
  for (int i = 0; i < count; i += virtual_lanes) {
    for (int part = 0; part < parts; ++part) {
      sums[part] = with_power<power>(sums[part], V::load(values + i + part * V::width), V(shift));
    }
  }
  double lanes[virtual_lanes];
  for (int part = 0; part < parts; ++part) sums[part].store(lanes + part * V::width);
  return sum_of_lanes(lanes);
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
