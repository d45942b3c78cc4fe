// Time and memory of one run, as JSON. One process a run, so that the peak of memory is the run's.
// Usage: growth TRAJECTORIES STEPS RECORDS THREADS

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "bncollapse/sim/engine.hpp"
#include "measure.hpp"

namespace {

using namespace bncollapse;

sim::Experiment experiment_of(std::int64_t trajectories, std::int64_t steps, std::int64_t records) {
  sim::Experiment experiment;
  experiment.trajectories = trajectories;
  experiment.steps = steps;
  experiment.optimizer.name = theory::OptimizerName::sgd;
  experiment.optimizer.learning_rate = 0.001;
  for (std::int64_t i = 1; i <= records; ++i) experiment.recording.steps.push_back(steps * i / records);
  return experiment;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: " << argv[0] << " TRAJECTORIES STEPS RECORDS THREADS\n";
    return 2;
  }
  try {
    const sim::Experiment experiment =
        experiment_of(std::atoll(argv[1]), std::atoll(argv[2]), std::atoll(argv[3]));
    const auto engine = sim::make_engine(sim::EngineName::cpu, std::atoi(argv[4]));
    const double start = bench::seconds_now();
    const double cpu_start = bench::cpu_seconds_now();
    engine->run(experiment);
    const double cpu_seconds = bench::cpu_seconds_now() - cpu_start;
    const nlohmann::json line = {{"trajectories", experiment.trajectories},
                                 {"steps", experiment.steps},
                                 {"records", experiment.recording.steps.size()},
                                 {"seconds", bench::seconds_now() - start},
                                 {"cpu_seconds", cpu_seconds},
                                 {"peak_mib", bench::peak_memory_mib()}};
    std::cout << line << "\n";
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
