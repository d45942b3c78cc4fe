// Sums whose order does not depend on who adds: value i goes to virtual lane i mod 16, a lane adds its values
// in their order, and the lanes are added in a fixed tree.

#if defined(BNC_SIM_LANE_SUM_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_LANE_SUM_HPP
#undef BNC_SIM_LANE_SUM_HPP
#else
#define BNC_SIM_LANE_SUM_HPP
#endif

#include "shared/lane.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

inline constexpr int virtual_lanes = 16;

/// sum + (value - shift)^power
template <int power, class V>
BNC_HD V with_power(V sum, V value, V shift) {
  const V difference = value - shift;
  return power == 1 ? sum + difference : fma(difference, difference, sum);
}

/// The sum of the virtual lanes; overwrites them.
BNC_HD double sum_of_lanes(double* lanes) {
  for (int half = virtual_lanes / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
