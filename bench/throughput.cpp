// The engine's speed by vector width, precision, threads and option, as JSON.
// Usage: throughput [SECONDS_PER_RUN] [REPETITIONS] [GROUP: this group and the plain steps only]
//
// Every case is run in every round, so that what disturbs the machine disturbs all; a case's ratio to the
// plain step is the median over rounds of its time over the plain step's in the same round. Cycles and ratios
// come from the time spent on the cores and the core's clock measured beside each run; steps a second from
// the clock on the wall.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "bncollapse/sim/engine.hpp"
#include "host/engines.hpp"
#include "measure.hpp"

namespace {

using namespace bncollapse;

constexpr std::int64_t steps = 1000;

struct Run {
  double seconds = 0, cpu_seconds = 0, core_hertz = 0;
};

struct Case {
  std::string group, name;
  sim::Experiment experiment;
  const sim::Kernels* kernels = nullptr;
  int threads = 1;
  std::string baseline;  ///< the name of the case that ratios refer to
  std::vector<Run> runs;
};

sim::Experiment plain() {
  sim::Experiment experiment;
  experiment.optimizer.name = theory::OptimizerName::sgd;
  experiment.optimizer.learning_rate = 0.03;
  experiment.steps = steps;
  experiment.recording.steps = {steps};
  return experiment;
}

std::vector<std::int64_t> every(std::int64_t stride) {
  std::vector<std::int64_t> recorded;
  for (std::int64_t step = stride; step <= steps; step += stride) recorded.push_back(step);
  return recorded;
}

void ask_for_histograms(sim::Recording& recording) {
  recording.histograms = true;
  recording.gamma_bins = {-1, 3, 300};
  recording.beta_bins = {-3, 3, 300};
  recording.u_bins = {-10, 10, 300};
  recording.gamma_bins_2d = {-1, 3, 64};
  recording.beta_bins_2d = {-3, 3, 64};
}

/// The Gaussian as a histogram of 200 bins: the cost of an empirical law, on a known one.
theory::LawPtr gaussian_histogram() {
  std::vector<double> edges, weights;
  for (int i = 0; i <= 200; ++i) edges.push_back(-5 + 0.05 * i);
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    weights.push_back(
        0.5 * (std::erfc(edges[i] / std::numbers::sqrt2) - std::erfc(edges[i + 1] / std::numbers::sqrt2)));
  }
  return theory::make_empirical_law(edges, weights);
}

/// Every option by itself, on the widest vectors.
std::vector<Case> option_cases(const sim::Kernels& widest) {
  std::vector<Case> cases;
  const auto add = [&](const std::string& group, const std::string& name, auto change) {
    Case added{group, name, plain(), &widest, 1, "plain", {}};
    change(added.experiment);
    cases.push_back(std::move(added));
  };
  using sim::Experiment;
  const auto optimizer = [&](const std::string& name, theory::OptimizerName kind) {
    add("optimizer", name, [kind](Experiment& e) {
      e.optimizer.name = kind;
      e.optimizer.weight_decay = 1e-4;
    });
  };
  optimizer("weight decay", theory::OptimizerName::sgd);
  optimizer("momentum", theory::OptimizerName::momentum);
  optimizer("nesterov", theory::OptimizerName::nesterov);
  optimizer("adam", theory::OptimizerName::adam);
  optimizer("adamw", theory::OptimizerName::adamw);

  add("schedule", "step", [](Experiment& e) { e.schedule = {sim::Schedule::Kind::step, 100, 0.9, 0}; });
  add("schedule", "cosine", [](Experiment& e) { e.schedule = {sim::Schedule::Kind::cosine, steps, 0.1, 0}; });

  add("model", "psBN, alpha 0.1", [](Experiment& e) { e.model.alpha = 0.1; });
  add("model", "Leaky ReLU, leak 0.1", [](Experiment& e) { e.model.leak = 0.1; });
  add("model", "batch 8, exact", [](Experiment& e) { e.model.batch = 8; });
  add("model", "batch 8, gaussian_limit", [](Experiment& e) {
    e.model.batch = 8;
    e.model.batch_mode = sim::BatchMode::gaussian_limit;
  });

  const auto law = [&](const std::string& name, const theory::LawPtr& x_law) {
    add("law of x", name, [x_law](Experiment& e) { e.model.x_law = x_law; });
  };
  law("laplace", theory::make_laplace_law());
  law("logistic", theory::make_logistic_law());
  law("uniform", theory::make_uniform_law());
  law("student_t, 5", theory::make_student_t_law(5));
  law("skew_normal, 2", theory::make_skew_normal_law(2));
  law("empirical, 200 bins", gaussian_histogram());

  const auto noise = [&](const std::string& name, theory::NoiseLaw kind) {
    add("law of the noise", name, [kind](Experiment& e) { e.model.noise.law = kind; });
  };
  noise("rademacher", theory::NoiseLaw::rademacher);
  noise("uniform", theory::NoiseLaw::uniform);
  noise("laplace", theory::NoiseLaw::laplace);
  noise("student_t, 5", theory::NoiseLaw::student_t);

  add("initial", "normal", [](Experiment& e) { e.initial = sim::InitialNormal{1, 0.1, 0, 0.1}; });

  add("recording", "every 100 steps", [](Experiment& e) { e.recording.steps = every(100); });
  add("recording", "every 100 steps with histograms", [](Experiment& e) {
    e.recording.steps = every(100);
    ask_for_histograms(e.recording);
  });
  add("recording", "histograms at the end", [](Experiment& e) { ask_for_histograms(e.recording); });
  add("recording", "first activation", [](Experiment& e) { e.recording.first_activation = true; });
  add("recording", "collapse time", [](Experiment& e) { e.recording.collapse_time = true; });
  add("recording", "64 paths, every 10 steps", [](Experiment& e) {
    e.recording.paths = 64;
    e.recording.path_stride = 10;
  });
  add("estimator", "antithetic", [](Experiment& e) { e.recording.antithetic = true; });
  add("estimator", "control variate", [](Experiment& e) { e.recording.control_variate = true; });
  return cases;
}

std::vector<Case> all_cases() {
  const std::vector<const sim::Kernels*> vectors = sim::vector_kernels();
  std::vector<const sim::Kernels*> engines = vectors;
  engines.push_back(&sim::reference_kernels());
  const std::string widest(sim::instruction_set(*engines.front()));

  std::vector<Case> cases;
  cases.push_back({"plain", "plain", plain(), engines.front(), 1, "plain", {}});
  cases.push_back({"plain", widest + ", 2 threads", plain(), engines.front(), 2, "plain", {}});
  for (const sim::Kernels* kernels : engines) {
    const std::string set(sim::instruction_set(*kernels));
    if (kernels != engines.front())
      cases.push_back({"plain", set + ", float32", plain(), kernels, 1, "plain", {}});
    Case wide{"plain", set + ", float64", plain(), kernels, 1, set == widest ? "plain" : set + ", float32",
              {}};
    wide.experiment.precision = sim::Precision::float64;
    cases.push_back(std::move(wide));
  }
  for (Case& option : option_cases(*engines.front())) cases.push_back(std::move(option));
  return cases;
}

Run run_once(const Case& measured) {
  const auto engine = sim::make_engine_on(*measured.kernels, "cpu", measured.threads);
  const double hertz_before = bench::core_hertz();
  const double start = bench::seconds_now();
  const double cpu_start = bench::cpu_seconds_now();
  engine->run(measured.experiment);
  const double cpu_seconds = bench::cpu_seconds_now() - cpu_start;
  return {bench::seconds_now() - start, cpu_seconds, std::max(hertz_before, bench::core_hertz())};
}

/// Trajectories for about `seconds` on one core.
void fit_work(Case& measured, double seconds) {
  constexpr std::int64_t unit = 8192;
  measured.experiment.trajectories = unit;
  const double once = std::min(run_once(measured).cpu_seconds, run_once(measured).cpu_seconds);
  const auto units = static_cast<std::int64_t>(std::lround(seconds / once));
  measured.experiment.trajectories = unit * std::max<std::int64_t>(units, 1);
}

double steps_of(const Case& measured) {
  return static_cast<double>(measured.experiment.trajectories) *
         static_cast<double>(measured.experiment.steps);
}

nlohmann::json to_json(const Case& measured, const Case& baseline) {
  std::vector<double> cycles, rates, ratios, hertz;
  for (std::size_t round = 0; round < measured.runs.size(); ++round) {
    const Run& run = measured.runs[round];
    cycles.push_back(run.cpu_seconds * run.core_hertz / steps_of(measured));
    rates.push_back(steps_of(measured) / run.seconds);
    ratios.push_back(run.cpu_seconds / steps_of(measured) /
                     (baseline.runs[round].cpu_seconds / steps_of(baseline)));
    hertz.push_back(run.core_hertz);
  }
  return {{"group", measured.group},
          {"name", measured.name},
          {"instruction_set", sim::instruction_set(*measured.kernels)},
          {"precision", measured.experiment.precision == sim::Precision::float32 ? "float32" : "float64"},
          {"threads", measured.threads},
          {"trajectories", measured.experiment.trajectories},
          {"steps", measured.experiment.steps},
          {"cycles_per_step", bench::median(cycles)},
          {"least_cycles_per_step", *std::min_element(cycles.begin(), cycles.end())},
          {"steps_per_second", bench::median(rates)},
          {"most_steps_per_second", *std::max_element(rates.begin(), rates.end())},
          {"core_gigahertz", bench::median(hertz) / 1e9},
          {"baseline", measured.baseline},
          {"time_over_baseline", bench::median(ratios)}};
}

void measure(double seconds_per_run, int repetitions, const std::string& group) {
  std::vector<Case> cases = all_cases();
  std::erase_if(cases,
                [&](const Case& c) { return !group.empty() && c.group != group && c.group != "plain"; });
  for (Case& measured : cases) fit_work(measured, seconds_per_run);
  for (int round = 0; round < repetitions; ++round) {
    for (Case& measured : cases) measured.runs.push_back(run_once(measured));
  }
  std::map<std::string, const Case*> plain_cases;
  for (const Case& measured : cases) {
    if (measured.group == "plain") plain_cases[measured.name] = &measured;
  }
  nlohmann::json lines = nlohmann::json::array();
  for (const Case& measured : cases) lines.push_back(to_json(measured, *plain_cases.at(measured.baseline)));
  std::cout << lines.dump(1) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    measure(argc > 1 ? std::atof(argv[1]) : 0.1, argc > 2 ? std::atoi(argv[2]) : 7, argc > 3 ? argv[3] : "");
  } catch (const std::exception& error) {
    std::cerr << argv[0] << ": " << error.what() << "\n";
    return 1;
  }
}
