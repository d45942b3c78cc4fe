// One step's increments: their mean and covariance against the exact moments (docs/THEORY.md section 5).
#include <doctest/doctest.h>

#include "bncollapse/theory/neuron.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

void check_increments(Experiment experiment) {
  const auto& start = std::get<InitialPoint>(experiment.initial);
  const Model& model = experiment.model;
  const theory::Neuron neuron{start.gamma, start.beta, model.alpha, model.leak};
  const theory::RectifierMoments moments = theory::rectifier_moments(*model.x_law, neuron);
  const double eta = experiment.optimizer.learning_rate, mu = model.noise.mean;
  const double power = model.noise.std * model.noise.std + mu * mu;
  const auto m = static_cast<double>(model.batch);
  const double mean_gamma = -eta * mu * moments.s1, mean_beta = -eta * mu * moments.s0;
  const double scale = eta * eta / m;
  const double gamma_variance = scale * (power * moments.i2 - mu * mu * moments.s1 * moments.s1);
  const double beta_variance = scale * (power * moments.i0 - mu * mu * moments.s0 * moments.s0);
  const double covariance = scale * (power * moments.i1 - mu * mu * moments.s0 * moments.s1);

  std::vector<double> gamma, beta, gamma_square, beta_square, product;
  for (const State& state : final_states(experiment)) {
    const double dgamma = state.gamma - start.gamma, dbeta = state.beta - start.beta;
    gamma.push_back(dgamma);
    beta.push_back(dbeta);
    gamma_square.push_back((dgamma - mean_gamma) * (dgamma - mean_gamma));
    beta_square.push_back((dbeta - mean_beta) * (dbeta - mean_beta));
    product.push_back((dgamma - mean_gamma) * (dbeta - mean_beta));
  }
  CAPTURE(fields::name_of(model.x_law->name()));
  CAPTURE(fields::name_of(model.noise.law));
  CAPTURE(start.gamma);
  CAPTURE(start.beta);
  CAPTURE(model.batch);
  CHECK(std::fabs(deviation(sample_mean(gamma), mean_gamma)) < allowed_deviation);
  CHECK(std::fabs(deviation(sample_mean(beta), mean_beta)) < allowed_deviation);
  CHECK(std::fabs(deviation(sample_mean(gamma_square), gamma_variance)) < allowed_deviation);
  CHECK(std::fabs(deviation(sample_mean(beta_square), beta_variance)) < allowed_deviation);
  CHECK(std::fabs(deviation(sample_mean(product), covariance)) < allowed_deviation);
}

Experiment one_step() {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 200'000;
  experiment.precision = Precision::float64;
  experiment.model.noise = {theory::NoiseLaw::gaussian, 0.4, 1.3, 5};
  return experiment;
}

}  // namespace

TEST_CASE("increments: neurons of either sign, shifted, leaky") {
  Experiment experiment = one_step();
  for (const auto& start : {InitialPoint{1, 0}, InitialPoint{0.8, -0.6}, InitialPoint{-0.8, -0.6},
                            InitialPoint{-1.2, 0.9}, InitialPoint{0, 0.5}}) {
    experiment.initial = start;
    experiment.model.alpha = 0.1;
    for (const double leak : {0.0, 0.2, 1.0}) {
      experiment.model.leak = leak;
      check_increments(experiment);
    }
  }
}

TEST_CASE("increments: every law of x and of the noise") {
  Experiment experiment = one_step();
  experiment.initial = InitialPoint{-0.9, 0.3};
  for (const auto& law :
       {theory::make_gaussian_law(), theory::make_laplace_law(), theory::make_logistic_law(),
        theory::make_uniform_law(), theory::make_student_t_law(9), theory::make_skew_normal_law(3),
        theory::make_empirical_law({-3, -1, 0, 0.5, 4}, {1, 2, 0, 3})}) {
    for (const auto noise :
         {theory::NoiseLaw::gaussian, theory::NoiseLaw::rademacher, theory::NoiseLaw::uniform,
          theory::NoiseLaw::laplace, theory::NoiseLaw::student_t}) {
      experiment.model.x_law = law;
      experiment.model.noise.law = noise;
      experiment.model.noise.dof = 9;
      check_increments(experiment);
    }
  }
}

TEST_CASE("increments: batches, exact and in their Gaussian limit") {
  Experiment experiment = one_step();
  experiment.initial = InitialPoint{0.7, -0.4};
  experiment.model.leak = 0.1;
  for (const auto mode : {BatchMode::exact, BatchMode::gaussian_limit}) {
    for (const std::int64_t batch : {1, 2, 5, 16}) {
      experiment.model.batch_mode = mode;
      experiment.model.batch = batch;
      check_increments(experiment);
    }
  }
  experiment.initial = InitialPoint{-0.7, -0.4};
  check_increments(experiment);
  experiment.model.leak = 0;
  experiment.model.noise.mean = 0;
  check_increments(experiment);
}

TEST_CASE("increments: draws of consecutive steps, samples and trajectories are uncorrelated") {
  // A linear neuron's beta moves by -eta g: its increments are the noise itself.
  Experiment experiment = plain_experiment();
  experiment.model.leak = 1;
  experiment.precision = Precision::float64;
  experiment.trajectories = 20'000;
  experiment.steps = 4;
  experiment.recording.paths = experiment.trajectories;
  const auto paths = cpu_engine().run(experiment).paths;
  const auto increment = [&](std::size_t trajectory, std::size_t step) {
    return paths[trajectory * 5 + step + 1].beta - paths[trajectory * 5 + step].beta;
  };
  for (std::size_t lag = 1; lag <= 3; ++lag) {
    std::vector<double> in_time, across;
    for (std::size_t i = 0; i + lag < static_cast<std::size_t>(experiment.trajectories); ++i) {
      in_time.push_back(increment(i, 0) * increment(i, lag));
      across.push_back(increment(i, 1) * increment(i + lag, 1));
    }
    CAPTURE(lag);
    CHECK(std::fabs(deviation(sample_mean(in_time), 0)) < allowed_deviation);
    CHECK(std::fabs(deviation(sample_mean(across), 0)) < allowed_deviation);
  }
}
