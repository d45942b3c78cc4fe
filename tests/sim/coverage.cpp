// How often a 95 % interval holds the exact value.
#include <doctest/doctest.h>

#include "bncollapse/theory/drift.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

TEST_CASE(
    "coverage: 95 % intervals of the drift at epsilon = 0.01 hold the exact value in 93 to 97 % of 1000 "
    "runs") {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = InitialPoint{1, 0.3};
  experiment.precision = Precision::float64;
  experiment.trajectories = 2000;
  experiment.recording.antithetic = true;
  experiment.recording.control_variate = true;
  const double exact =
      theory::exact_drift(*experiment.model.x_law, {1, 0.3, 0, 0}, experiment.model.noise, {0.01, 0, 1})
          .value;
  int plain = 0, antithetic = 0, control_variate = 0;
  const auto holds = [&](const Mean& mean) {
    return std::fabs(mean.mean - exact) <= 1.959963984540054 * mean.standard_error ? 1 : 0;
  };
  for (experiment.random_stream = 0; experiment.random_stream < 1000; ++experiment.random_stream) {
    const Record record = cpu_engine().run(experiment).records.front();
    plain += holds(record.probability_change);
    antithetic += holds(*record.change_antithetic);
    control_variate += holds(*record.change_control_variate);
  }
  for (const int held : {plain, antithetic, control_variate}) {
    CHECK(held >= 930);
    CHECK(held <= 970);
  }
}

TEST_CASE("rounding: float32 moves no estimate of the drift by more than its stated bound") {
  // The same draws in both precisions: the difference is rounding alone. Bound of P's rounding by gamma and
  // beta, one step: 2^-24 (|gamma dP/dgamma| + |beta dP/dbeta|) at the start and at the end, on average less.
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = InitialPoint{1, 0.3};
  experiment.trajectories = 100'000;
  experiment.recording.antithetic = true;
  experiment.recording.control_variate = true;
  experiment.precision = Precision::float64;
  const Record fine = cpu_engine().run(experiment).records.front();
  experiment.precision = Precision::float32;
  const Record coarse = cpu_engine().run(experiment).records.front();
  const auto gradient = theory::activation_probability_gradient(*experiment.model.x_law, {1, 0.3, 0, 0});
  const double bound = 2 * 0x1p-24 * (std::fabs(gradient.gamma) + 0.3 * std::fabs(gradient.beta));
  const auto difference = [](const Mean& a, const Mean& b) { return std::fabs(a.mean - b.mean); };
  const double plain = difference(coarse.probability_change, fine.probability_change);
  const double antithetic = difference(*coarse.change_antithetic, *fine.change_antithetic);
  const double control_variate = difference(*coarse.change_control_variate, *fine.change_control_variate);
  MESSAGE("float32 against float64, drift ", fine.change_antithetic->mean, ": plain ", plain, ", antithetic ",
          antithetic, ", control variate ", control_variate, "; bound ", bound);
  CHECK(plain < bound);
  CHECK(antithetic < bound);
  CHECK(control_variate < bound);
  CHECK(antithetic > 0);
}
