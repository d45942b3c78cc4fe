// The kernels of one lane type: loops over a block's arrays.

#if defined(BNC_SIM_KERNELS_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_KERNELS_HPP
#undef BNC_SIM_KERNELS_HPP
#else
#define BNC_SIM_KERNELS_HPP
#endif

#include "advance_particles.hpp"
#include "kernel_table.hpp"
#include "record_kernels.hpp"
#include "shared/walk.hpp"

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

template <class T, class Rule, DrawKind draw_kind, bool extras>
BNC_SCHEDULE_EARLY void advance(const StepPlan<T>& plan, const Slice<T>& slice, const BlockArrays<T>& block) {
  for (int element = slice.begin; element < slice.begin + slice.count; element += Lane<T>::width) {
    Walk<T, Rule, draw_kind, extras> walk(plan, slice, block, element);
    walk.run();
  }
}

#undef BNC_SCHEDULE_EARLY

template <class T>
Advance<T> select_advance(const StepPlan<T>& plan) {
  return with_rule(plan.optimizer.rule, [&](auto rule) {
    return with_draw_kind(plan.draw_kind, [&](auto kind) {
      using Rule = decltype(rule);
      constexpr DrawKind draw_kind = decltype(kind)::value;
      return Advance<T>(plan.has_extras() ? advance<T, Rule, draw_kind, true>
                                          : advance<T, Rule, draw_kind, false>);
    });
  });
}

inline void start(const StartPlan& plan, PhiloxKey key, std::uint64_t first_trajectory, int count,
                  double* gamma, double* beta) {
  using V = Lane<double>;
  for (int i = 0; i < count; i += V::width) {
    const Pair<V> drawn = draw_start<V>(plan, key, first_trajectory + static_cast<std::uint64_t>(i));
    drawn.first.store(gamma + i);
    drawn.second.store(beta + i);
  }
}

template <class T>
KernelsOf<T> make_kernels_of() {
  return {Lane<T>::width, select_advance<T>, gaussian_probability<T>, all_finite<T>, record_sums<T>};
}

inline Kernels make_kernels(std::string_view instruction_set, TakeWaits take_waits) {
  return {instruction_set, make_kernels_of<float>(), make_kernels_of<double>(),
          start,           advance_particles,        take_waits};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
