// Predicts the one-step drift of the activation probability and simulates it: the two must agree.
#include <cmath>
#include <cstdio>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/theory/drift.hpp"

int main() {
  using namespace bncollapse;

  const theory::Neuron neuron{.gamma = 1, .beta = 0};
  const theory::Noise noise{.law = theory::NoiseLaw::gaussian, .std = 1};
  const theory::SgdStep step{.learning_rate = 0.05};
  const theory::DriftPrediction predicted =
      theory::predict_drift(*theory::make_gaussian_law(), neuron, noise, step);

  sim::Experiment experiment;
  experiment.model.noise = noise;
  experiment.optimizer.learning_rate = step.learning_rate;
  experiment.initial = sim::InitialPoint{neuron.gamma, neuron.beta};
  experiment.trajectories = 100'000;
  experiment.steps = 1;
  experiment.recording.steps = {1};
  experiment.recording.antithetic = true;
  experiment.precision = sim::Precision::float64;
  const sim::Estimates estimates = sim::make_engine(sim::EngineName::automatic)->run(experiment);

  const sim::Mean measured = estimates.records.front().change_antithetic.value();
  const double deviation = (measured.mean - predicted.exact.value) / measured.standard_error;
  std::printf("drift: exact %.6e, measured %.6e +- %.1e (%.2f standard errors)\n", predicted.exact.value,
              measured.mean, measured.standard_error, deviation);
  return std::abs(deviation) < 5 && measured.standard_error < 0.01 * std::abs(measured.mean) ? 0 : 1;
}
