// The probability of a rare collapse by splitting, against counting.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

Experiment collapsing(double probability_threshold) {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.03;
  experiment.steps = 200;
  experiment.precision = Precision::float64;
  experiment.recording.steps = {};
  experiment.recording.collapse_time = true;
  experiment.recording.gamma_threshold = 1e12;
  experiment.recording.probability_threshold = probability_threshold;
  return experiment;
}

/// Counted: the share of trajectories whose P ever fell below the threshold.
Mean counted(Experiment experiment, std::int64_t trajectories) {
  experiment.trajectories = trajectories;
  experiment.random_stream = 1;
  const auto n = static_cast<double>(trajectories);
  const double share = 1 - static_cast<double>(cpu_engine().run(experiment).collapse_time->never) / n;
  return {share, std::sqrt(share * (1 - share) / n), trajectories};
}

Mean split(Experiment experiment, const Splitting& splitting) {
  experiment.trajectories = 1;
  experiment.splitting = splitting;
  return cpu_engine().run(experiment).rare_collapse->probability;
}

void check_agree(const Mean& a, const Mean& b) {
  CAPTURE(a.mean);
  CAPTURE(b.mean);
  CHECK(std::fabs(a.mean - b.mean) <= allowed_deviation * std::hypot(a.standard_error, b.standard_error));
}

}  // namespace

TEST_CASE("splitting: agrees with counting at a probability of 10^-3") {
  const Experiment experiment = collapsing(0.004);
  const Mean expected = counted(experiment, 1'000'000);
  REQUIRE(expected.mean > 3e-4);
  REQUIRE(expected.mean < 3e-3);
  check_agree(split(experiment, {200, 64, 0.1}), expected);
}

TEST_CASE("splitting: unbiased at every share of particles killed, also with few particles") {
  const Experiment experiment = collapsing(0.2);
  const Mean expected = counted(experiment, 200'000);
  for (const double kill_share : {0.01, 0.25, 0.7})
    check_agree(split(experiment, {10, 1000, kill_share}), expected);
}

TEST_CASE("splitting: batches, psBN, another law of the noise, negative gamma") {
  Experiment experiment = collapsing(0.2);
  experiment.model.batch = 2;
  experiment.model.alpha = 0.1;
  experiment.model.noise.law = theory::NoiseLaw::rademacher;
  experiment.optimizer.learning_rate = 0.06;
  experiment.optimizer.weight_decay = 0.01;
  experiment.initial = InitialPoint{-1, -0.2};
  check_agree(split(experiment, {50, 200, 0.1}), counted(experiment, 200'000));
}

TEST_CASE("splitting: the same bits on every engine and number of threads") {
  const Experiment plain = collapsing(0.2);
  Experiment experiment = plain;
  experiment.splitting = Splitting{37, 5, 0.2};
  const Mean expected = cpu_engine().run(experiment).rare_collapse->probability;
  for (const auto& engine : all_engines()) {
    const Mean got = engine->run(experiment).rare_collapse->probability;
    CHECK(got.mean == expected.mean);
    CHECK(got.standard_error == expected.standard_error);
  }
}

TEST_CASE("splitting: stops within an advance of any length") {
  Experiment experiment = collapsing(1e-300);
  experiment.initial = InitialPoint{1, -8};  // the one trajectory waits for ever, the particles step
  experiment.optimizer.learning_rate = 1e-9;
  experiment.steps = 1'000'000'000'000;
  experiment.trajectories = 1;
  experiment.rejection_free = true;
  experiment.splitting = Splitting{2, 2, 0.5};
  std::atomic<bool> stop = false;
  const std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    stop = true;
  });
  CHECK_THROWS_AS(make_engine(EngineName::cpu, 1)->run(experiment, {.on_progress = {}, .stop = &stop}),
                  Interrupted);
}

TEST_CASE("splitting: tells its share, ever more, up to the whole") {
  Experiment experiment = collapsing(1e-12);
  experiment.steps *= 10;
  experiment.splitting = Splitting{1000, 10, 0.1};
  std::vector<double> shares;
  RunControl control;
  control.on_splitting = [&](double share) { shares.push_back(share); };
  make_engine(EngineName::cpu, 1)->run(experiment, control);
  REQUIRE(shares.size() > 2);
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(shares.front() >= 0);
  CHECK(shares.front() < 0.5);
  CHECK(shares.back() > 0.5);
  CHECK(shares.back() < 1 + 1e-12);
}

TEST_CASE("splitting: certain and impossible collapses") {
  Experiment experiment = collapsing(0.9);
  CHECK(split(experiment, {10, 4, 0.1}).mean == 1);
  experiment = collapsing(1e-300);
  experiment.steps = 0;
  CHECK(split(experiment, {10, 4, 0.1}).mean == 0);
}
