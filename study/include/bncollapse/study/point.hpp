#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::study {

/// What the store says of one sweep point. gamma and beta are those of the initial law's mean.
struct PointSummary {
  std::int64_t index = 0;
  Json parameters = Json::object();  ///< swept field -> value
  double gamma = 0, beta = 0, alpha = 0;
  double u = 0;  ///< -(beta + alpha) / gamma, infinite for gamma = 0
  double learning_rate = 0, noise_std = 0;
  std::int64_t batch = 1, trajectories = 1, steps = 1;
  std::string precision;                     ///< as used
  std::optional<std::string> approximation;  ///< what is approximated
  std::string note;
};

/// One point of the sweep, ready to run.
struct Point {
  PointSummary summary;
  sim::Experiment experiment;
};

/// The neuron at the mean of the initial law.
theory::Neuron mean_initial_neuron(const sim::Experiment& experiment);

/// The first step of the experiment as the theory sees it.
theory::SgdStep first_step(const sim::Experiment& experiment);

}  // namespace bncollapse::study
