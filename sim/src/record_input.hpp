// What a record is taken from.
#pragma once

namespace bncollapse::sim {

/// Arrays with one element a trajectory, and the thresholds of collapse.
template <class T>
struct RecordInput {
  const T* gamma = nullptr;
  const T* beta = nullptr;
  const double* probability = nullptr;
  const double* start_probability = nullptr;
  const double* twin_probability = nullptr;  ///< null: no antithetic estimate
  const T* control = nullptr;                ///< null: no control variate
  double gamma_threshold = 0, probability_threshold = 0;
};

}  // namespace bncollapse::sim
