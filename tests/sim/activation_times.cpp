// The step of the first active sample, as a distribution, against theory::FirstActivation.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "bncollapse/theory/decay.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

/// sup |measured - predicted survival| sqrt(n); for a discrete law 2.7 is exceeded with probability 1e-6 at
/// most.
double distance(const TimeHistogram& times, std::int64_t trajectories, const theory::FirstActivation& law) {
  double largest = 0;
  std::int64_t alive = trajectories;
  for (std::size_t bin = 0; bin < times.counts.size(); ++bin) {
    alive -= times.counts[bin];
    const auto end = static_cast<std::int64_t>(bin + 1) * times.bin_width;
    largest = std::max(largest, std::fabs(static_cast<double>(alive) / static_cast<double>(trajectories) -
                                          law.survival(end)));
  }
  return largest * std::sqrt(static_cast<double>(trajectories));
}

void check_times(const Experiment& experiment) {
  const auto& start = std::get<InitialPoint>(experiment.initial);
  const theory::FirstActivation law(
      experiment.model.x_law, theory::Neuron{start.gamma, start.beta, experiment.model.alpha, 0},
      {experiment.optimizer.learning_rate, experiment.optimizer.weight_decay}, experiment.model.batch);
  const auto times = *cpu_engine().run(experiment).first_activation;
  CHECK(std::accumulate(times.counts.begin(), times.counts.end(), times.never) == experiment.trajectories);
  // Most trajectories must have had their time for the test to say something.
  CHECK(times.never < experiment.trajectories / 2);
  CHECK(distance(times, experiment.trajectories, law) < 2.7);
}

Experiment decaying() {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.01;
  experiment.trajectories = 10'000;
  experiment.recording.first_activation = true;
  return experiment;
}

}  // namespace

TEST_CASE("first activation: psBN wakes up") {
  Experiment experiment = decaying();
  experiment.initial = InitialPoint{1, -6};
  experiment.model.alpha = 0.5;
  experiment.steps = 3000;
  experiment.recording.time_bins = 3000;
  for (const auto precision : {Precision::float32, Precision::float64}) {
    experiment.precision = precision;
    check_times(experiment);
  }
  experiment.model.batch = 3;
  experiment.recording.time_bins = 100;
  check_times(experiment);
  experiment.initial = InitialPoint{-1, -6};
  experiment.model.batch = 1;
  experiment.model.x_law = theory::make_logistic_law();
  check_times(experiment);
}

TEST_CASE("first activation: geometric under BN") {
  Experiment experiment = decaying();
  experiment.initial = InitialPoint{0.5, -1.3};
  experiment.steps = 2000;
  check_times(experiment);
}

TEST_CASE("collapse: its time is the first step whose record counts it") {
  // Decay alone: gamma = 0.5 0.9^t falls below 0.1 after step 16 (0.0927), P stays 0.
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 1;
  experiment.initial = InitialPoint{0.5, -30};
  experiment.steps = 40;
  experiment.trajectories = 100;
  experiment.recording.gamma_threshold = 0.1;
  experiment.recording.collapse_time = true;
  experiment.recording.steps = {15, 16};
  for (const double sign : {1.0, -1.0}) {
    experiment.initial = InitialPoint{0.5 * sign, -30};
    const Estimates estimates = cpu_engine().run(experiment);
    CHECK(estimates.records[0].collapsed_share.mean == 0);
    CHECK(estimates.records[0].rarely_active_share.mean == 1);
    CHECK(estimates.records[1].collapsed_share.mean == 1);
    CHECK(estimates.records[1].small_gamma_share.mean == 1);
    CHECK(estimates.collapse_time->bin_width == 1);
    CHECK(estimates.collapse_time->counts[15] == 100);
    CHECK(estimates.collapse_time->never == 0);
  }
  experiment.initial = InitialPoint{0.5, 30};  // always active: never collapsed
  experiment.model.noise.std = 0;
  CHECK(cpu_engine().run(experiment).collapse_time->never == 100);
}

TEST_CASE("collapse: times and records of the same run agree under noise") {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.2;
  experiment.initial = InitialNormal{0.3, 0.3, 0, 0.5};
  experiment.trajectories = 20'000;
  experiment.steps = 60;
  experiment.recording.steps = {60};
  experiment.recording.gamma_threshold = 0.15;
  experiment.recording.probability_threshold = 0.1;
  experiment.recording.collapse_time = true;
  const Estimates estimates = cpu_engine().run(experiment);
  const auto& times = *estimates.collapse_time;
  const auto ever = std::accumulate(times.counts.begin(), times.counts.end(), std::int64_t{0});
  const auto last = static_cast<std::int64_t>(
      std::llround(estimates.records[0].collapsed_share.mean * static_cast<double>(experiment.trajectories)));
  CHECK(ever + times.never == experiment.trajectories);
  CHECK(last > 100);
  CHECK(ever >= last);
}
