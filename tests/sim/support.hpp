// What several tests of the simulator share.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/sim/communicator.hpp"
#include "host/engines.hpp"

namespace bncollapse::sim::testing {

/// Five standard errors: a right value fails with probability 6e-7.
inline constexpr double allowed_deviation = 5;

/// Every engine that this processor can run, with one, two and three threads.
std::vector<std::unique_ptr<Engine>> all_engines();

/// The fastest engine here.
const Engine& cpu_engine();

struct State {
  double gamma, beta;
};
/// (gamma, beta) of every trajectory after all steps.
std::vector<State> final_states(Experiment experiment);

/// Mean with standard error of a sample.
Mean sample_mean(const std::vector<double>& values);

/// (mean - expected) in standard errors.
double deviation(const Mean& mean, double expected);

/// A Gaussian neuron at (1, 0) under plain SGD, one step recorded at its end.
Experiment plain_experiment();

}  // namespace bncollapse::sim::testing
