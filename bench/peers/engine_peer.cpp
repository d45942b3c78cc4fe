// The task of peer.py on our own engine, through its public interface.
// Usage: engine_peer ESTIMATOR TRAJECTORIES STEPS LEARNING_RATE THREADS; the protocol is peer.py's.
// Every estimator's mean is that of P: P = 1/2 at the start, plus the estimated change.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <string>

#include "bncollapse/sim/engine.hpp"

namespace {

using namespace bncollapse;

sim::Mean change(const sim::Record& record) {
  if (record.change_antithetic) return *record.change_antithetic;
  if (record.change_control_variate) return *record.change_control_variate;
  return record.probability_change;
}

int serve(const sim::Engine& engine, sim::Experiment experiment, const std::string& estimator, int threads) {
  engine.run(experiment);
  std::cout << R"({"peer": "bncollapse", "version": ")" << engine.description() << R"(", "variant": ")"
            << estimator << R"(", "threads": )" << threads << R"(, "trajectories": )"
            << experiment.trajectories << R"(, "steps": )" << experiment.steps << "}" << std::endl;
  while (std::cin >> experiment.seed) {
    const auto start = std::chrono::steady_clock::now();
    const sim::Estimates estimates = engine.run(experiment);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const sim::Mean mean = change(estimates.records.front());
    std::cout << R"({"seconds": )" << seconds.count() << R"(, "mean": )" << 0.5 + mean.mean
              << R"(, "standard_error": )" << mean.standard_error << "}" << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string estimator = argc > 1 ? argv[1] : "";
  const bool antithetic = estimator == "antithetic", control_variate = estimator == "control_variate";
  if (argc != 6 || !(antithetic || control_variate || estimator == "plain")) {
    std::cerr << "usage: " << argv[0]
              << " plain|antithetic|control_variate TRAJECTORIES STEPS LEARNING_RATE THREADS\n";
    return 2;
  }
  std::cout.precision(17);
  try {
    const int threads = std::atoi(argv[5]);
    sim::Experiment experiment;
    experiment.trajectories = std::atoll(argv[2]);
    experiment.steps = std::atoll(argv[3]);
    experiment.optimizer.name = theory::OptimizerName::sgd;
    experiment.optimizer.learning_rate = std::atof(argv[4]);
    experiment.recording.steps = {experiment.steps};
    experiment.recording.antithetic = antithetic;
    experiment.recording.control_variate = control_variate;
    return serve(*sim::make_engine(sim::EngineName::cpu, threads), experiment, estimator, threads);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
