#include "equality_experiments.hpp"

#include <cstdint>

#include "support.hpp"

namespace bncollapse::sim::testing {
namespace {

/// Odd counts everywhere: blocks, vectors and draw pairs end in the middle.
Experiment crooked_experiment() {
  Experiment experiment;
  experiment.optimizer.learning_rate = 0.3;
  experiment.optimizer.weight_decay = 0.01;
  experiment.model.alpha = 0.05;
  experiment.model.leak = 0.1;
  experiment.initial = InitialNormal{0.2, 0.5, -0.1, 0.3};
  experiment.trajectories = 143;
  experiment.steps = 29;
  experiment.seed = 0x123456789abcdULL;
  experiment.random_stream = 7;
  experiment.recording.steps = {0, 1, 6, 11, 29};
  experiment.recording.histograms = true;
  experiment.recording.gamma_bins = experiment.recording.beta_bins = {-1, 1, 7};
  experiment.recording.u_bins = {-5, 5, 11};
  experiment.recording.gamma_bins_2d = experiment.recording.beta_bins_2d = {-1, 1, 5};
  experiment.recording.gamma_threshold = 0.1;
  experiment.recording.probability_threshold = 0.2;
  experiment.recording.collapse_time = true;
  experiment.recording.paths = 3;
  experiment.recording.path_stride = 5;
  return experiment;
}

void add_optimizers(std::vector<NamedExperiment>& found) {
  struct World {
    std::string name;
    theory::LawPtr x;
    theory::NoiseLaw noise;
    BatchMode mode;
  };
  const auto gaussian = theory::make_gaussian_law();
  const std::vector<World> worlds = {
      {"gaussian pairs", gaussian, theory::NoiseLaw::gaussian, BatchMode::exact},
      {"mixed laws", theory::make_student_t_law(4), theory::NoiseLaw::laplace, BatchMode::exact},
      {"gaussian limit", gaussian, theory::NoiseLaw::gaussian, BatchMode::gaussian_limit}};
  using theory::OptimizerName;
  for (const auto& world : worlds) {
    for (const auto optimizer : {OptimizerName::sgd, OptimizerName::momentum, OptimizerName::nesterov,
                                 OptimizerName::adam, OptimizerName::adamw}) {
      for (const std::int64_t batch : {1, 3}) {
        for (const auto precision : {Precision::float32, Precision::float64}) {
          for (const bool extras : {false, true}) {
            const bool adam = optimizer == OptimizerName::adam || optimizer == OptimizerName::adamw;
            Experiment experiment = crooked_experiment();
            experiment.model.x_law = world.x;
            experiment.model.noise.law = world.noise;
            experiment.model.noise.mean = 0.1;
            experiment.model.batch = batch;
            experiment.model.batch_mode = world.mode;
            experiment.optimizer.name = optimizer;
            experiment.optimizer.learning_rate = adam ? 0.02 : 0.2;
            experiment.precision = precision;
            experiment.recording.collapse_time = extras;
            experiment.recording.first_activation = extras && world.mode == BatchMode::exact;
            experiment.recording.antithetic = extras;
            experiment.recording.control_variate =
                extras && !adam && world.x->name() == theory::LawName::gaussian;
            found.push_back({world.name + ", optimizer " + std::to_string(static_cast<int>(optimizer)) +
                                 ", batch " + std::to_string(batch) +
                                 (precision == Precision::float32 ? ", float32" : ", float64") +
                                 (extras ? ", extras" : ""),
                             experiment});
          }
        }
      }
    }
  }
}

void add_laws(std::vector<NamedExperiment>& found) {
  const std::vector<theory::LawPtr> laws = {theory::make_gaussian_law(),
                                            theory::make_laplace_law(),
                                            theory::make_logistic_law(),
                                            theory::make_uniform_law(),
                                            theory::make_student_t_law(3),
                                            theory::make_skew_normal_law(-4),
                                            theory::make_empirical_law({-2, -1, 0.5, 3}, {1, 0, 2})};
  for (const auto& law : laws) {
    for (const auto noise :
         {theory::NoiseLaw::gaussian, theory::NoiseLaw::rademacher, theory::NoiseLaw::uniform,
          theory::NoiseLaw::laplace, theory::NoiseLaw::student_t}) {
      for (const auto precision : {Precision::float32, Precision::float64}) {
        Experiment experiment = crooked_experiment();
        experiment.model.x_law = law;
        experiment.model.noise.law = noise;
        experiment.precision = precision;
        experiment.steps = 7;
        experiment.recording.steps = {3, 7};
        found.push_back({"x " + std::string(fields::name_of(law->name())) + ", noise " +
                             std::string(fields::name_of(noise)) +
                             (precision == Precision::float32 ? ", float32" : ", float64"),
                         experiment});
      }
    }
  }
}

void add_starts(std::vector<NamedExperiment>& found) {
  using Ratio = InitialEvenRatio::Law;
  const std::vector<Initial> starts = {InitialPoint{-0.5, 0.2},
                                       InitialPoint{0, 0},
                                       InitialNormal{0, 1, 0, 1},
                                       InitialUniform{-1, 1, -2, 0},
                                       InitialEvenRatio{0.5, Ratio::gaussian, 1},
                                       InitialEvenRatio{-0.5, Ratio::uniform, 2},
                                       InitialEvenRatio{0.5, Ratio::rademacher, 1},
                                       InitialTable{{0.1, 0.2, -0.3}, {0, -1, 1}}};
  for (const auto& start : starts) {
    for (const auto kind : {Schedule::Kind::constant, Schedule::Kind::step, Schedule::Kind::cosine,
                            Schedule::Kind::cosine_restarts}) {
      Experiment experiment = crooked_experiment();
      experiment.initial = start;
      experiment.schedule = {kind, 9, 0.5, 0.01};
      found.push_back(
          {"start " + std::to_string(start.index()) + ", schedule " + std::to_string(static_cast<int>(kind)),
           experiment});
    }
  }
}

/// Neurons that wait, neurons that step, and some of each that become the other.
void add_rejection_free(std::vector<NamedExperiment>& found) {
  for (const auto precision : {Precision::float32, Precision::float64}) {
    for (const double alpha : {0.0, 0.2, -0.2}) {
      for (const bool plain : {true, false}) {
        Experiment experiment = crooked_experiment();
        experiment.precision = precision;
        experiment.rejection_free = true;
        experiment.model.alpha = alpha;
        experiment.model.leak = 0;
        experiment.optimizer.learning_rate = 0.1;
        experiment.optimizer.weight_decay = 0.004;
        experiment.initial = InitialNormal{0.8, 0.3, -2, 1};
        experiment.trajectories = 743;
        experiment.steps = 3011;
        experiment.recording.steps = {0, 7, 1024, 1500, 3011};
        experiment.recording.path_stride = 1100;
        experiment.recording.probability_threshold = 1e-4;
        if (!plain) {
          experiment.model.batch = 5;
          experiment.model.noise = {theory::NoiseLaw::laplace, 0.3, 1.5, 5};
          experiment.schedule = {Schedule::Kind::step, 700, 0.5, 0};
          experiment.recording.collapse_time = false;
          experiment.recording.first_activation = true;
        }
        found.push_back(
            {"rejection free, alpha " + std::to_string(alpha) + (plain ? "" : ", batch of 5"), experiment});
      }
    }
  }
  Experiment patient = crooked_experiment();
  patient.rejection_free = true;
  patient.model.alpha = patient.model.leak = 0;
  patient.optimizer.learning_rate = 1e-4;
  patient.optimizer.weight_decay = 0;
  patient.initial = InitialPoint{1, -3};
  patient.steps = 300'000;
  patient.recording.steps = {300'000};
  patient.recording.path_stride = 100'000;
  found.push_back({"rejection free, hundreds of waits", patient});

  Experiment large = crooked_experiment();
  large.rejection_free = true;
  large.model.leak = 0;
  large.initial = InitialNormal{0.8, 0.3, -2, 1};
  large.trajectories = 5003;  // blocks of more neurons than a group of a device has threads
  large.steps = 1100;
  large.recording.steps = {1100};
  found.push_back({"rejection free, large blocks", large});
}

void add_long(std::vector<NamedExperiment>& found) {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 70'000;
  experiment.recording.histograms = true;
  experiment.recording.u_bins = {-3, 3, 20};
  found.push_back({"many blocks", experiment});
  experiment.trajectories = 5;
  experiment.steps = 9001;
  experiment.recording.steps = {4095, 4096, 4097, 9001};
  experiment.schedule = {Schedule::Kind::cosine, 9000, 0, 0};
  found.push_back({"many steps", experiment});
}

}  // namespace

std::vector<NamedExperiment> equality_experiments() {
  std::vector<NamedExperiment> found;
  add_optimizers(found);
  add_laws(found);
  add_starts(found);
  add_rejection_free(found);
  add_long(found);
  return found;
}

}  // namespace bncollapse::sim::testing
