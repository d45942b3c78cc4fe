// What a record keeps of some trajectories: plain data, filled by every engine.
#pragma once

#include <cstdint>

namespace bncollapse::sim {

/// A sample's mean and spread.
struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double square_sum = 0;  ///< sum of (value - mean)^2
};

/// Sums of one recorded step over some trajectories.
struct RecordSums {
  /// What has a mean and a spread. The last two stand only where the recording asks for them. Values:
  /// record_values.hpp; estimates: to_record in record.cpp.
  enum Quantity { probability, change, gamma, beta, control_variate, antithetic, quantities };
  /// What happens to a share of the trajectories.
  enum Event { rarely_active, small_gamma, collapsed, events };

  Moments moments[quantities];
  std::int64_t counts[events] = {};  ///< trajectories to which it happens
};

/// A neuron is collapsed where |gamma| and P are below these.
struct CollapseThresholds {
  double gamma = 0, probability = 0;
};

}  // namespace bncollapse::sim
