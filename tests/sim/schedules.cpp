// Learning rates by hand from the definitions in experiment.hpp.
#include <doctest/doctest.h>

#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;
using bncollapse::relative_error;

TEST_CASE("schedules: constant and step") {
  CHECK(learning_rate_at({}, 0.3, 1) == 0.3);
  CHECK(learning_rate_at({}, 0.3, 1'000'000) == 0.3);
  const Schedule step{Schedule::Kind::step, 10, 0.5, 0};
  CHECK(learning_rate_at(step, 0.8, 1) == 0.8);
  CHECK(learning_rate_at(step, 0.8, 10) == 0.8);
  CHECK(learning_rate_at(step, 0.8, 11) == 0.4);
  CHECK(relative_error(learning_rate_at(step, 0.8, 31), 0.1) <= 1e-14);
}

TEST_CASE("schedules: cosine ends at its minimum, restarts begin again at the peak") {
  const Schedule once{Schedule::Kind::cosine, 4, 0, 0.1};
  // minimum + (peak - minimum)/2 (1 + cos(k pi/4)), k = 0, 1, 2, 3
  const double expected[] = {0.5, 0.1 + 0.2 * (1 + 0.70710678118654752), 0.3,
                             0.1 + 0.2 * (1 - 0.70710678118654752)};
  for (int k = 0; k < 4; ++k) {
    CHECK(relative_error(learning_rate_at(once, 0.5, 1 + k), expected[k]) <= 1e-14);
  }
  CHECK(learning_rate_at(once, 0.5, 5) == 0.1);
  CHECK(learning_rate_at(once, 0.5, 500) == 0.1);
  const Schedule restarts{Schedule::Kind::cosine_restarts, 4, 0, 0.1};
  for (int k = 0; k < 12; ++k) {
    CHECK(relative_error(learning_rate_at(restarts, 0.5, 1 + k), expected[k % 4]) <= 1e-14);
  }
}

TEST_CASE("schedules: the engine takes them step by step") {
  // A linear neuron under g = 1: beta_t = -(eta_1 + ... + eta_t).
  Experiment experiment = plain_experiment();
  experiment.model.leak = 1;
  experiment.model.noise.mean = 1;
  experiment.model.noise.std = 0;
  experiment.precision = Precision::float64;
  experiment.trajectories = 1;
  experiment.steps = 70'000;  // more than a table of rates holds
  experiment.recording.paths = 1;
  experiment.recording.path_stride = 10;
  for (const auto kind : {Schedule::Kind::constant, Schedule::Kind::step, Schedule::Kind::cosine,
                          Schedule::Kind::cosine_restarts}) {
    experiment.schedule = {kind, 1700, 0.3, 0.001};
    double beta = 0;
    std::int64_t step = 0;
    for (const PathPoint& point : cpu_engine().run(experiment).paths) {
      while (step < point.step) {
        beta -= learning_rate_at(experiment.schedule, experiment.optimizer.learning_rate, ++step);
      }
      REQUIRE(relative_error(point.beta, beta) <= 1e-14);
    }
  }
}
