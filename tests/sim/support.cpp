#include "support.hpp"

#include <limits>

namespace bncollapse::sim::testing {
std::vector<std::unique_ptr<Engine>> all_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const int threads : {1, 2, 3}) {
    engines.push_back(make_engine_on(reference_kernels(), "reference", threads));
    for (const Kernels* kernels : vector_kernels())
      engines.push_back(make_engine_on(*kernels, "cpu", threads));
  }
  return engines;
}

const Engine& cpu_engine() {
  static const std::unique_ptr<Engine> engine = make_engine(EngineName::cpu);
  return *engine;
}

std::vector<State> final_states(Experiment experiment) {
  experiment.recording.paths = experiment.trajectories;
  experiment.recording.path_stride = std::max<std::int64_t>(experiment.steps, 1);
  std::vector<State> states;
  for (const PathPoint& point : cpu_engine().run(experiment).paths) {
    if (point.step == experiment.steps) states.push_back({point.gamma, point.beta});
  }
  return states;
}

Mean sample_mean(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0, square_sum = 0;
  for (const double value : values) sum += value;
  for (const double value : values) square_sum += (value - sum / count) * (value - sum / count);
  return {sum / count, std::sqrt(square_sum / (count - 1) / count), static_cast<std::int64_t>(values.size())};
}

double deviation(const Mean& mean, double expected) { return (mean.mean - expected) / mean.standard_error; }

Experiment plain_experiment() {
  Experiment experiment;
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = InitialPoint{1, 0};
  experiment.trajectories = 10'000;
  experiment.steps = 1;
  experiment.recording.steps = {1};
  return experiment;
}

}  // namespace bncollapse::sim::testing
