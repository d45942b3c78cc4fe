// What is left of the trajectories at a recorded step: sums and counts that merge.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/sim/experiment.hpp"
#include "host/moments.hpp"

namespace bncollapse::sim {

/// Adds the sums of the trajectories that follow.
void merge(RecordSums& sums, const RecordSums& next);

/// The most precise estimate of the drift that is recorded.
RecordSums::Quantity best_change(const Recording& recording);

Record to_record(const RecordSums& sums, std::int64_t step, const Recording& recording);

/// Counts of one thread; they merge in any order.
struct Counts {
  explicit Counts(const Experiment& experiment);
  void merge(const Counts& other);

  std::vector<RecordHistograms> histograms;  ///< one per recorded step, where asked for
  std::optional<TimeHistogram> first_activation, collapse_time;
};

void count(Histogram& histogram, double value);
void count(Histogram2d& histogram, double x, double y);
/// time 0: never
void count(TimeHistogram& histogram, std::int64_t time);

}  // namespace bncollapse::sim
