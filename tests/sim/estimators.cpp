// The estimators of the drift: unbiased against the exact one-step drift and against plain Monte Carlo, and
// better.
#include <doctest/doctest.h>

#include "bncollapse/theory/drift.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

Experiment drift_experiment() {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 200'000;
  experiment.precision = Precision::float64;
  experiment.recording.antithetic = true;
  experiment.recording.control_variate = true;
  return experiment;
}

double exact(const Experiment& experiment) {
  const auto& start = std::get<InitialPoint>(experiment.initial);
  return theory::exact_drift(
             *experiment.model.x_law,
             theory::Neuron{start.gamma, start.beta, experiment.model.alpha, experiment.model.leak},
             experiment.model.noise,
             {experiment.optimizer.learning_rate, experiment.optimizer.weight_decay, experiment.model.batch})
      .value;
}

/// The difference of two estimates of the same mean, in standard errors as if they were independent; sharing
/// draws they are closer than that or, at worst, sqrt(2) farther.
double disagreement(const Mean& a, const Mean& b) {
  return (a.mean - b.mean) / std::hypot(a.standard_error, b.standard_error);
}

}  // namespace

TEST_CASE("one-step drift: plain, antithetic and control variate hold the exact value") {
  struct Case {
    double gamma, beta, alpha, leak, mean, decay, eta;
    std::int64_t batch;
    theory::NoiseLaw noise;
  };
  for (const Case& c : {Case{1, 0, 0, 0, 0, 0, 0.01, 1, theory::NoiseLaw::gaussian},
                        Case{1, 0, 0, 0, 0, 0, 0.2, 1, theory::NoiseLaw::rademacher},
                        Case{-0.7, 0.4, 0.1, 0.2, 0.3, 0.1, 0.05, 1, theory::NoiseLaw::uniform},
                        Case{0.9, -0.8, 0, 0, 0, 0, 0.1, 4, theory::NoiseLaw::gaussian},
                        Case{0.5, 0.5, -0.2, 0, -0.2, 0, 0.1, 3, theory::NoiseLaw::gaussian}}) {
    Experiment experiment = drift_experiment();
    experiment.initial = InitialPoint{c.gamma, c.beta};
    experiment.model.alpha = c.alpha;
    experiment.model.leak = c.leak;
    experiment.model.noise = {c.noise, c.mean, 1, 5};
    experiment.model.batch = c.batch;
    experiment.optimizer.learning_rate = c.eta;
    experiment.optimizer.weight_decay = c.decay;
    const Record record = cpu_engine().run(experiment).records.front();
    const double expected = exact(experiment);
    CAPTURE(expected);
    CAPTURE(record.change_antithetic->mean);
    CAPTURE(record.change_control_variate->mean);
    CHECK(std::fabs(deviation(record.probability_change, expected)) < allowed_deviation);
    CHECK(std::fabs(deviation(*record.change_antithetic, expected)) < allowed_deviation);
    CHECK(std::fabs(deviation(*record.change_control_variate, expected)) < allowed_deviation);
    CHECK(record.change_antithetic->standard_error < record.probability_change.standard_error);
    CHECK(record.change_control_variate->standard_error < record.probability_change.standard_error);
  }
}

TEST_CASE("one-step drift at epsilon = 0.01: variance gains above 1000") {
  for (const auto precision : {Precision::float32, Precision::float64}) {
    Experiment experiment = drift_experiment();
    experiment.precision = precision;
    const Record record = cpu_engine().run(experiment).records.front();
    const auto gain = [&](const Mean& mean) {
      return std::pow(record.probability_change.standard_error / mean.standard_error, 2);
    };
    CHECK(gain(*record.change_antithetic) > 1000);
    CHECK(gain(*record.change_control_variate) > 1000);
    CHECK(std::fabs(deviation(*record.change_antithetic, exact(experiment))) < allowed_deviation);
  }
}

TEST_CASE("one-step drift for other laws of x, antithetic") {
  for (const auto& law : {theory::make_logistic_law(), theory::make_student_t_law(5),
                          theory::make_skew_normal_law(2), theory::make_uniform_law()}) {
    Experiment experiment = drift_experiment();
    experiment.recording.control_variate = false;
    experiment.trajectories = 50'000;
    experiment.model.x_law = law;
    experiment.initial = InitialPoint{-0.8, 0.3};
    experiment.optimizer.learning_rate = 0.02;
    const Record record = cpu_engine().run(experiment).records.front();
    CAPTURE(fields::name_of(law->name()));
    CHECK(std::fabs(deviation(*record.change_antithetic, exact(experiment))) < allowed_deviation);
    CHECK(std::fabs(deviation(record.probability_change, exact(experiment))) < allowed_deviation);
  }
}

TEST_CASE("many steps: the estimators agree with plain Monte Carlo for every linear optimizer") {
  for (const auto name :
       {theory::OptimizerName::sgd, theory::OptimizerName::momentum, theory::OptimizerName::nesterov}) {
    for (const auto mode : {BatchMode::exact, BatchMode::gaussian_limit}) {
      Experiment experiment = drift_experiment();
      experiment.optimizer.name = name;
      experiment.optimizer.momentum = 0.8;
      experiment.optimizer.learning_rate = name == theory::OptimizerName::sgd ? 0.05 : 0.01;
      experiment.optimizer.weight_decay = 0.01;
      experiment.model.alpha = 0.05;
      experiment.model.leak = 0.05;
      experiment.model.noise.mean = 0.02;
      experiment.model.batch_mode = mode;
      experiment.model.batch = mode == BatchMode::exact ? 1 : 8;
      experiment.initial = InitialPoint{-1, -0.3};
      experiment.trajectories = 100'000;
      experiment.steps = 40;
      experiment.recording.steps = {7, 40};
      CAPTURE(static_cast<int>(name));
      CAPTURE(static_cast<int>(mode));
      for (const Record& record : cpu_engine().run(experiment).records) {
        const Mean& plain = record.probability_change;
        CHECK(std::fabs(disagreement(plain, *record.change_antithetic)) < allowed_deviation);
        CHECK(std::fabs(disagreement(plain, *record.change_control_variate)) < allowed_deviation);
        // s^2 T is about 0.1 here: a gain of tens in variance.
        CHECK(record.change_control_variate->standard_error < 0.4 * plain.standard_error);
        CHECK(record.change_antithetic->standard_error < 0.7 * plain.standard_error);
      }
    }
  }
}

TEST_CASE("standard errors are the spread of repetitions") {
  // 400 repetitions: the ratio of variances has a relative standard error of sqrt(2/399) for Gaussian means.
  Experiment experiment = drift_experiment();
  experiment.trajectories = 500;
  experiment.optimizer.learning_rate = 0.1;
  std::vector<double> plain, antithetic, control, claimed;
  const double expected = exact(experiment);
  for (experiment.random_stream = 0; experiment.random_stream < 400; ++experiment.random_stream) {
    const Record record = cpu_engine().run(experiment).records.front();
    const auto score = [&](const Mean& mean) { return std::pow(deviation(mean, expected), 2); };
    plain.push_back(score(record.probability_change));
    antithetic.push_back(score(*record.change_antithetic));
    control.push_back(score(*record.change_control_variate));
  }
  for (const auto& scores : {plain, antithetic, control}) {
    CHECK(std::fabs(sample_mean(scores).mean - 1) < allowed_deviation * std::sqrt(2.0 / 399));
  }
}
