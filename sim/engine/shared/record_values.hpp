// What a record keeps of one trajectory, by the same source on every engine.

#if defined(BNC_SIM_RECORD_VALUES_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_RECORD_VALUES_HPP
#undef BNC_SIM_RECORD_VALUES_HPP
#else
#define BNC_SIM_RECORD_VALUES_HPP
#endif

#include <cstdint>

#include "bncollapse/sim/experiment.hpp"
#include "shared/lane.hpp"
#include "shared/on_devices.hpp"
#include "shared/record_sums.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// The threshold that x must pass, u = -(beta + alpha)/gamma; infinite where gamma = 0.
BNC_HD double activation_threshold(double gamma, double beta, double alpha) {
  const double shift = beta + alpha;
  if (gamma == 0) return shift > 0 ? -infinite : infinite;
  return -shift / gamma;
}

/// The value of a quantity: P_t and the state, and P_t - P_0 as each estimator takes it.
/// @param trajectory  one, or as many as V has lanes: functions gamma(), beta(), probability() (P_t),
///                    start_probability() (P_0), control_variate() and antithetic_probability() give V
template <RecordSums::Quantity quantity, class Trajectory>
BNC_HD auto recorded_value(const Trajectory& trajectory) {
  using V = decltype(trajectory.probability());
  if constexpr (quantity == RecordSums::probability) {
    return trajectory.probability();
  } else if constexpr (quantity == RecordSums::change) {
    return trajectory.probability() - trajectory.start_probability();
  } else if constexpr (quantity == RecordSums::gamma) {
    return trajectory.gamma();
  } else if constexpr (quantity == RecordSums::beta) {
    return trajectory.beta();
  } else if constexpr (quantity == RecordSums::control_variate) {
    return trajectory.probability() - trajectory.start_probability() - trajectory.control_variate();
  } else {
    static_assert(quantity == RecordSums::antithetic);
    const V start = trajectory.start_probability();
    return V(0.5) * ((trajectory.probability() - start) + (trajectory.antithetic_probability() - start));
  }
}

/// Where an event happens, as a mask.
template <RecordSums::Event event, class Trajectory>
BNC_HD auto recorded_event(const Trajectory& trajectory, const CollapseThresholds& thresholds) {
  using V = decltype(trajectory.probability());
  if constexpr (event == RecordSums::rarely_active) {
    return trajectory.probability() < V(thresholds.probability);
  } else if constexpr (event == RecordSums::small_gamma) {
    return abs(trajectory.gamma()) < V(thresholds.gamma);
  } else {
    static_assert(event == RecordSums::collapsed);
    return recorded_event<RecordSums::rarely_active>(trajectory, thresholds) &
           recorded_event<RecordSums::small_gamma>(trajectory, thresholds);
  }
}

/// Counts a trajectory's state in the bins of the four histograms.
template <class Histograms>
BNC_HD void count_state(Histograms& histograms, double gamma, double beta, double alpha) {
  count(histograms.gamma, gamma);
  count(histograms.beta, beta);
  count(histograms.u, activation_threshold(gamma, beta, alpha));
  count(histograms.gamma_beta, gamma, beta);
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
