// What a recorded step keeps of the trajectories.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/sim/experiment.hpp"
#include "moments.hpp"

namespace bncollapse::sim {

/// Sums of one recorded step over some trajectories; they merge in a fixed order.
struct RecordSums {
  Moments probability, change, antithetic, control_variate, gamma, beta;
  std::int64_t collapsed = 0, small_gamma = 0, inactive = 0;

  void merge(const RecordSums& next);
  /// Of the most precise estimate of E[dP] that is recorded.
  const Moments& best_change(const Recording& recording) const;
  Record to_record(std::int64_t step, const Recording& recording) const;
};

/// Counts of one thread; they merge in any order.
struct Counts {
  explicit Counts(const Experiment& experiment);
  void merge(const Counts& other);

  std::vector<RecordHistograms> histograms;  ///< one a recorded step, where asked for
  std::optional<TimeHistogram> first_activation, collapse_time;
};

void count(Histogram& histogram, double value);
void count(Histogram2d& histogram, double x, double y);
/// time 0: never
void count(TimeHistogram& histogram, std::int64_t time);

}  // namespace bncollapse::sim
