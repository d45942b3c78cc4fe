// What a record keeps of one trajectory, by the same text on every engine.

#if defined(BNC_SIM_RECORD_VALUES_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_RECORD_VALUES_HPP
#undef BNC_SIM_RECORD_VALUES_HPP
#else
#define BNC_SIM_RECORD_VALUES_HPP
#endif

#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "on_devices.hpp"
#include "target.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// The threshold that x must pass, u = -(beta + alpha)/gamma; infinite where gamma = 0.
BNC_HD double activation_threshold(double gamma, double beta, double alpha) {
  const double shift = beta + alpha;
  if (gamma == 0) return shift > 0 ? -infinite : infinite;
  return -shift / gamma;
}

/// P_t - P_0 as each estimator takes it.
template <class V>
BNC_HD V plain_change(V probability, V start) {
  return probability - start;
}
template <class V>
BNC_HD V controlled_change(V probability, V start, V control) {
  return probability - start - control;
}
template <class V>
BNC_HD V antithetic_change(V probability, V twin, V start) {
  return V(0.5) * ((probability - start) + (twin - start));
}

/// The bin of a value: -1 below the bins, bins.count above them.
BNC_HD std::int64_t bin_of(const Bins& bins, double value) {
  if (value < bins.lower) return -1;
  if (value >= bins.upper) return bins.count;
  const double place = (value - bins.lower) / (bins.upper - bins.lower) * static_cast<double>(bins.count);
  const auto bin = static_cast<std::int64_t>(place);
  return bin < bins.count ? bin : bins.count - 1;
}
/// The bin of a pair, counted along the rows of x: -1 outside.
BNC_HD std::int64_t bin_of(const Bins& x_bins, const Bins& y_bins, double x, double y) {
  const std::int64_t row = bin_of(x_bins, x), column = bin_of(y_bins, y);
  const bool inside = row >= 0 && row < x_bins.count && column >= 0 && column < y_bins.count;
  return inside ? row * y_bins.count + column : -1;
}
/// The bin of a time in steps: -1 for 0, never.
BNC_HD std::int64_t time_bin_of(std::int64_t bin_width, std::int64_t time) {
  return time == 0 ? -1 : (time - 1) / bin_width;
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
