// Rarely active neurons and rare collapses, against the plain engine, as JSON: medians over REPETITIONS.
// Usage: rare REPETITIONS

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "bncollapse/sim/engine.hpp"
#include "measure.hpp"

namespace {

using namespace bncollapse;

sim::Experiment experiment_of(double gamma, double beta, std::int64_t trajectories, std::int64_t steps) {
  sim::Experiment experiment;
  experiment.initial = sim::InitialPoint{gamma, beta};
  experiment.trajectories = trajectories;
  experiment.steps = steps;
  experiment.optimizer.learning_rate = 1e-6;
  experiment.recording.steps = {steps};
  return experiment;
}

class Comparison {
 public:
  explicit Comparison(int repetitions) : repetitions_(repetitions) {}

  /// CPU time of one trajectory-step, in seconds.
  double seconds_per_step(const sim::Experiment& experiment) const {
    std::vector<double> seconds;
    for (int i = 0; i < repetitions_; ++i) {
      const double start = bench::cpu_seconds_now();
      engine_->run(experiment);
      seconds.push_back(bench::cpu_seconds_now() - start);
    }
    return bench::median(seconds) / static_cast<double>(experiment.trajectories) /
           static_cast<double>(experiment.steps);
  }

  sim::Estimates run(const sim::Experiment& experiment) const { return engine_->run(experiment); }

 private:
  int repetitions_;
  std::unique_ptr<sim::Engine> engine_ = sim::make_engine(sim::EngineName::cpu, 1);
};

/// A population of the given activation probability, which so small a learning rate keeps, waiting for its
/// active samples and stepping.
nlohmann::json rejection_free(const Comparison& comparison, double probability) {
  const double u = theory::make_gaussian_law()->upper_quantile(probability);
  const double plain = comparison.seconds_per_step(experiment_of(1, -u, 4096, 20'000));
  const bool rare = probability < 1e-3;
  sim::Experiment waiting =
      rare ? experiment_of(1, -u, 64, 1'000'000'000) : experiment_of(1, -u, 4096, 20'000);
  waiting.rejection_free = true;
  const double free = comparison.seconds_per_step(waiting);
  return {{"mode", "rejection free"},  {"activation_probability", probability},
          {"steps", waiting.steps},    {"plain_ns_per_step", 1e9 * plain},
          {"ns_per_step", 1e9 * free}, {"time_over_plain", free / plain}};
}

/// Neurons of every activity under weight decay, which collapse and, under psBN with alpha > 0, wake up
/// again.
nlohmann::json mixture(const Comparison& comparison, double alpha) {
  sim::Experiment experiment = experiment_of(1, 0, 4096, 50'000);
  experiment.initial = sim::InitialNormal{0.8, 0.2, -2, 1};
  experiment.model.alpha = alpha;
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.004;
  const double plain = comparison.seconds_per_step(experiment);
  experiment.rejection_free = true;
  const double free = comparison.seconds_per_step(experiment);
  return {
      {"mode", "mixture"}, {"alpha", alpha}, {"ns_per_step", 1e9 * free}, {"time_over_plain", free / plain}};
}

/// A collapse of probability about 1e-6: the time to a relative standard error of 10 %, against counting.
nlohmann::json splitting(const Comparison& comparison) {
  sim::Experiment experiment = experiment_of(1, 0, 1, 1000);
  experiment.optimizer.learning_rate = 0.01;
  experiment.recording.probability_threshold = 1e-4;
  experiment.precision = sim::Precision::float64;
  const double plain = comparison.seconds_per_step(experiment_of(1, 0, 65536, 1000));
  experiment.splitting = sim::Splitting{.particles = 1000, .replicas = 32, .kill_share = 0.1};
  const double start = bench::cpu_seconds_now();
  const sim::RareCollapse found = *comparison.run(experiment).rare_collapse;
  const double seconds = bench::cpu_seconds_now() - start;
  const double probability = found.probability.mean;
  const double relative = found.probability.standard_error / probability;
  // To reach 10 %: work goes as 1/error^2; counting needs (1 - p)/(p 0.1^2) trajectories.
  const double scale = relative * relative / 0.01;
  const double counted_steps =
      (1 - probability) / (probability * 0.01) * static_cast<double>(experiment.steps);
  return {{"mode", "splitting"},
          {"collapse_probability", probability},
          {"relative_standard_error", relative},
          {"work_over_plain", scale * static_cast<double>(found.work) / counted_steps},
          {"time_over_plain", scale * seconds / (counted_steps * plain)}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " REPETITIONS\n";
    return 2;
  }
  try {
    const Comparison comparison(std::atoi(argv[1]));
    for (const double probability : {1e-6, 1e-4, 0.01, 0.5}) {
      std::cout << rejection_free(comparison, probability) << std::endl;
    }
    for (const double alpha : {0.0, -0.2, 0.02, 0.2, 1.0})
      std::cout << mixture(comparison, alpha) << std::endl;
    std::cout << splitting(comparison) << std::endl;
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
