// What a record is taken from.
#pragma once

#include "shared/record_sums.hpp"

namespace bncollapse::sim {

/// Arrays with one element per trajectory, and the thresholds of collapse.
template <class T>
struct RecordInput {
  const T* gamma = nullptr;
  const T* beta = nullptr;
  const double* probability = nullptr;
  const double* start_probability = nullptr;
  const double* antithetic_probability = nullptr;  ///< null: no antithetic estimate
  const T* control_variate = nullptr;              ///< null: no control variate
  CollapseThresholds thresholds;
};

}  // namespace bncollapse::sim
