// The cuda engine on the task of ../peers/peer.py and on its variants.
// Usage: cuda_peer CASE TRAJECTORIES STEPS LEARNING_RATE; the protocol is peer.py's.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bncollapse/gpu/engine.hpp"

namespace {

using namespace bncollapse;
using Change = std::function<void(sim::Experiment&)>;

void record_every(sim::Experiment& experiment, std::int64_t stride) {
  experiment.recording.steps.clear();
  for (std::int64_t step = stride; step <= experiment.steps; step += stride) {
    experiment.recording.steps.push_back(step);
  }
}

void ask_for_histograms(sim::Experiment& experiment) {
  sim::Recording& recording = experiment.recording;
  recording.histograms = true;
  recording.gamma_bins = {-1, 3, 300};
  recording.beta_bins = {-3, 3, 300};
  recording.u_bins = {-10, 10, 300};
  recording.gamma_bins_2d = {-1, 3, 64};
  recording.beta_bins_2d = {-3, 3, 64};
}

Change optimizer(theory::OptimizerName name) {
  return [name](sim::Experiment& experiment) { experiment.optimizer.name = name; };
}

const std::map<std::string, Change>& cases() {
  static const std::map<std::string, Change> all = {
      {"plain", [](sim::Experiment&) {}},
      {"approximate", [](sim::Experiment&) {}},
      {"approximate, record every 100 steps", [](sim::Experiment& e) { record_every(e, 100); }},
      {"1000 points together", [](sim::Experiment&) {}},
      {"1000 points one by one", [](sim::Experiment&) {}},
      {"float64", [](sim::Experiment& e) { e.precision = sim::Precision::float64; }},
      {"record every 100 steps", [](sim::Experiment& e) { record_every(e, 100); }},
      {"histograms every 100 steps",
       [](sim::Experiment& e) {
         record_every(e, 100);
         ask_for_histograms(e);
       }},
      {"antithetic", [](sim::Experiment& e) { e.recording.antithetic = true; }},
      {"control variate", [](sim::Experiment& e) { e.recording.control_variate = true; }},
      {"first activation", [](sim::Experiment& e) { e.recording.first_activation = true; }},
      {"momentum", optimizer(theory::OptimizerName::momentum)},
      {"adamw", optimizer(theory::OptimizerName::adamw)},
      {"laplace x", [](sim::Experiment& e) { e.model.x_law = theory::make_laplace_law(); }},
      {"batch 8", [](sim::Experiment& e) { e.model.batch = 8; }}};
  return all;
}

/// Points of a sweep over the learning rate, which share the trajectories of the task among them.
constexpr int sweep_points = 1000;
sim::Mean run_sweep(const sim::Engine& engine, const sim::Experiment& task, bool together) {
  std::vector<sim::Experiment> points(sweep_points, task);
  std::vector<const sim::Experiment*> experiments;
  for (int i = 0; i < sweep_points; ++i) {
    sim::Experiment& point = points[static_cast<std::size_t>(i)];
    point.trajectories = task.trajectories / sweep_points;
    point.optimizer.learning_rate *= 1 + 1e-6 * i;
    point.random_stream = static_cast<std::uint32_t>(i);
    experiments.push_back(&point);
  }
  sim::Mean sum;
  double square = 0;
  const auto take = [&](sim::Estimates&& estimates) {
    const sim::Mean& mean = estimates.records.back().probability;
    sum.mean += mean.mean / sweep_points;
    square += mean.standard_error * mean.standard_error;
  };
  if (together) {
    engine.run_many(experiments, {}, take);
  } else {
    for (const sim::Experiment* experiment : experiments) take(engine.run(*experiment));
  }
  sum.standard_error = std::sqrt(square) / sweep_points;
  return sum;
}

sim::Mean run_task(const sim::Engine& engine, const sim::Experiment& experiment, const std::string& name) {
  if (name == "1000 points together") return run_sweep(engine, experiment, true);
  if (name == "1000 points one by one") return run_sweep(engine, experiment, false);
  return engine.run(experiment).records.back().probability;
}

int serve(const sim::Engine& engine, sim::Experiment experiment, const std::string& name) {
  run_task(engine, experiment, name);
  std::cout << R"({"peer": "bncollapse", "version": ")" << engine.description() << R"(", "variant": ")"
            << name << R"(", "trajectories": )" << experiment.trajectories << R"(, "steps": )"
            << experiment.steps << "}" << std::endl;
  while (std::cin >> experiment.seed) {
    const auto start = std::chrono::steady_clock::now();
    const sim::Mean mean = run_task(engine, experiment, name);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << R"({"seconds": )" << seconds.count() << R"(, "mean": )" << mean.mean
              << R"(, "standard_error": )" << mean.standard_error << "}" << std::endl;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto found = argc == 5 ? cases().find(argv[1]) : cases().end();
  if (found == cases().end()) {
    std::cerr << "usage: " << argv[0] << " CASE TRAJECTORIES STEPS LEARNING_RATE; cases:\n";
    for (const auto& [name, change] : cases()) std::cerr << "  " << name << "\n";
    return 2;
  }
  std::cout.precision(17);
  try {
    sim::Experiment experiment;
    experiment.trajectories = std::atoll(argv[2]);
    experiment.steps = std::atoll(argv[3]);
    experiment.optimizer.learning_rate = std::atof(argv[4]);
    experiment.recording.steps = {experiment.steps};
    found->second(experiment);
    const bool approximate = found->first.starts_with("approximate");
    const auto functions = approximate ? gpu::Functions::approximate : gpu::Functions::exact;
    return serve(*gpu::make_cuda_engine(0, functions), experiment, found->first);
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
