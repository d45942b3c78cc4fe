#pragma once

#include <cstddef>
#include <vector>

#include "bncollapse/study/point.hpp"
#include "bncollapse/study/spec.hpp"
#include "bncollapse/study/training_point.hpp"

namespace bncollapse::study {

/// What a run takes, estimated before it starts: right to a small factor.
struct Workload {
  std::size_t points = 0;
  double steps = 0;    ///< trajectory-steps, or training steps
  double seconds = 0;  ///< of trainings; measure_seconds (time_estimate.hpp) knows those of neurons
  double memory = 0;   ///< bytes, of the run; of one training, in the process that trains it
  double disk = 0;     ///< bytes, of the store and of checkpoints
  int threads = 1;
};

/// @param curves  a resolved spec's key of this name
Workload workload_of(const std::vector<Point>& points, const Json& curves, int threads);
Workload workload_of(const std::vector<TrainingPoint>& points);

/// Throws InputError where the memory of this machine, or of what this process may take of it, is less.
void require_memory(const Workload& workload, const Spec& spec);

}  // namespace bncollapse::study
