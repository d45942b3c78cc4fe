// Neurons that wait for their next active sample, against neurons that step.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "bncollapse/theory/decay.hpp"
#include "shared/rejection_free_plan.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

/// sup |F - G| sqrt(n/2) of two histograms of n values each over the same bins; 2.7 is exceeded with
/// probability 1e-6 at most (Kolmogorov and Smirnov).
double distance(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b, std::int64_t below_a,
                std::int64_t below_b, std::int64_t total) {
  double largest = 0;
  auto difference = static_cast<double>(below_a - below_b);
  for (std::size_t bin = 0; bin < a.size(); ++bin) {
    difference += static_cast<double>(a[bin] - b[bin]);
    largest = std::max(largest, std::fabs(difference));
  }
  return largest / std::sqrt(2 * static_cast<double>(total));
}

void check_same_law(const Histogram& a, const Histogram& b) {
  REQUIRE(a.total() == b.total());
  CHECK(distance(a.counts, b.counts, a.below, b.below, a.total()) < 2.7);
}
void check_same_law(const TimeHistogram& a, const TimeHistogram& b, std::int64_t total) {
  CHECK(distance(a.counts, b.counts, 0, 0, total) < 2.7);
}
void check_same_mean(const Mean& a, const Mean& b) {
  const double error = std::hypot(a.standard_error, b.standard_error);
  CHECK(std::fabs(a.mean - b.mean) <= allowed_deviation * error);
}

/// Everything recorded, with steps alone and rejection-free.
void check_same_law(Experiment experiment) {
  experiment.recording.steps = {experiment.steps / 20, experiment.steps / 4, experiment.steps};
  experiment.recording.histograms = true;
  experiment.recording.gamma_bins = {-2, 2, 400};
  experiment.recording.beta_bins = {-4, 4, 400};
  experiment.recording.u_bins = {-10, 10, 400};
  experiment.recording.first_activation = true;
  experiment.recording.collapse_time = true;
  experiment.recording.gamma_threshold = 0.3;
  experiment.recording.probability_threshold = 1e-4;
  const Estimates plain = cpu_engine().run(experiment);
  experiment.rejection_free = true;
  experiment.random_stream = 1;
  const Estimates waiting = cpu_engine().run(experiment);
  for (std::size_t i = 0; i < plain.records.size(); ++i) {
    const Record& a = plain.records[i];
    const Record& b = waiting.records[i];
    check_same_mean(a.probability, b.probability);
    check_same_mean(a.gamma, b.gamma);
    check_same_mean(a.beta, b.beta);
    check_same_mean(a.collapsed_share, b.collapsed_share);
    check_same_mean(a.rarely_active_share, b.rarely_active_share);
    check_same_law(a.histograms->gamma, b.histograms->gamma);
    check_same_law(a.histograms->beta, b.histograms->beta);
    check_same_law(a.histograms->u, b.histograms->u);
  }
  check_same_law(*plain.first_activation, *waiting.first_activation, experiment.trajectories);
  check_same_law(*plain.collapse_time, *waiting.collapse_time, experiment.trajectories);
}

Experiment rarely_active() {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.004;
  experiment.initial = InitialPoint{1, -3};
  experiment.trajectories = 10'000;
  experiment.steps = 4000;
  return experiment;
}

}  // namespace

TEST_CASE("rejection free: the same law as stepping, BN under decay") { check_same_law(rarely_active()); }

TEST_CASE("rejection free: the same law as stepping, psBN") {
  Experiment experiment = rarely_active();
  experiment.model.alpha = 0.2;
  check_same_law(experiment);
  experiment.model.alpha = -0.2;
  check_same_law(experiment);
}

TEST_CASE(
    "rejection free: the same law as stepping, batches, noise of another law with a mean, negative gamma") {
  Experiment experiment = rarely_active();
  experiment.trajectories = 5000;
  experiment.model.batch = 5;
  experiment.model.noise = {theory::NoiseLaw::laplace, 0.3, 1.5, 5};
  experiment.initial = InitialPoint{-1, -3};
  check_same_law(experiment);
}

TEST_CASE(
    "rejection free: the same law as stepping, learning rate in stages, a mixture of active and inactive "
    "neurons") {
  Experiment experiment = rarely_active();
  experiment.schedule = {Schedule::Kind::step, 1500, 0.3, 0};
  experiment.initial = InitialNormal{0.8, 0.2, -2, 1};
  check_same_law(experiment);
}

TEST_CASE("rejection free: the same bits on every engine") {
  Experiment experiment = rarely_active();
  experiment.trajectories = 300;
  experiment.model.alpha = 0.1;
  experiment.initial = InitialNormal{0.8, 0.2, -2, 1};
  experiment.rejection_free = true;
  experiment.recording.steps = {7, 1000, 4000};
  for (const auto precision : {Precision::float32, Precision::float64}) {
    experiment.precision = precision;
    const auto expected = to_bytes(cpu_engine().run(experiment));
    for (const auto& engine : all_engines()) CHECK(to_bytes(engine->run(experiment)) == expected);
  }
}

TEST_CASE("rejection free: 10^9 steps of a neuron at P = 10^-6 wait geometrically") {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0;
  experiment.initial = InitialPoint{1, -theory::make_gaussian_law()->upper_quantile(1e-6)};
  experiment.precision = Precision::float64;
  experiment.trajectories = 2000;
  experiment.steps = 1'000'000'000;
  experiment.recording.steps = {};
  experiment.recording.first_activation = true;
  experiment.recording.time_bins = 1'000'000;
  experiment.rejection_free = true;
  const theory::FirstActivation law(experiment.model.x_law,
                                    {1, std::get<InitialPoint>(experiment.initial).beta, 0, 0}, {0, 0}, 1);
  // Its learning rate is 0, so it stays rarely active; a run of 2e12 trajectory-steps ends because it waits.
  const auto times = *cpu_engine().run(experiment).first_activation;
  double largest = 0;
  auto alive = static_cast<double>(experiment.trajectories);
  for (std::size_t bin = 0; bin < 20'000; ++bin) {
    alive -= static_cast<double>(times.counts[bin]);
    const double survival = law.survival(static_cast<std::int64_t>(bin + 1) * times.bin_width);
    largest = std::max(largest, std::fabs(alive / static_cast<double>(experiment.trajectories) - survival));
  }
  CHECK(times.never == 0);
  CHECK(largest * std::sqrt(static_cast<double>(experiment.trajectories)) < 2.7);
}

TEST_CASE("rejection free: gradients add up to their exact mean over ten million active samples") {
  // A learning rate of 1e-9 moves P by 1e-6 of itself, so that each of n samples gives gamma -rate/m E[x; x >
  // u] = -rate/m phi(u), and beta -rate/m Q(u).
  const auto law = theory::make_gaussian_law();
  const double p = 1.0 / 520, u = law->upper_quantile(p);
  Experiment experiment = plain_experiment();
  experiment.model.noise = {theory::NoiseLaw::gaussian, 1, 0, 5};
  experiment.model.batch = 2;
  experiment.optimizer.learning_rate = 1e-9;
  experiment.initial = InitialPoint{1, -u};
  experiment.precision = Precision::float64;
  experiment.trajectories = 20'000;
  experiment.steps = 130'000;
  experiment.recording.steps = {experiment.steps};
  experiment.rejection_free = true;
  const Record record = cpu_engine().run(experiment).records.front();
  const double scale = -experiment.optimizer.learning_rate * static_cast<double>(experiment.steps);
  CHECK(std::fabs(record.gamma.mean - 1 - scale * law->pdf(u)) <
        allowed_deviation * record.gamma.standard_error);
  CHECK(std::fabs(record.beta.mean + u - scale * p) < allowed_deviation * record.beta.standard_error);
  CHECK(record.beta.standard_error < 4e-4 * std::fabs(scale) * p);  // one sample in 520 too many shows
}

TEST_CASE("rejection free: without noise a neuron collapses at the step at which it does when it steps") {
  Experiment experiment = plain_experiment();
  experiment.model.noise.std = 0;
  experiment.precision = Precision::float64;
  experiment.optimizer.learning_rate = 0.1;
  experiment.trajectories = 100;
  experiment.steps = 3000;
  experiment.recording.collapse_time = true;
  experiment.recording.time_bins = experiment.steps;
  experiment.recording.gamma_threshold = 0.1;
  for (const double alpha : {0.0, -0.2, 0.2}) {
    for (const double weight_decay : {0.02, 0.05, 10.0}) {
      for (const double threshold : {1e-3, 1e-30}) {
        CAPTURE(alpha);
        CAPTURE(weight_decay);
        CAPTURE(threshold);
        experiment.model.alpha = alpha;
        experiment.optimizer.weight_decay = weight_decay;
        experiment.recording.probability_threshold = threshold;
        experiment.initial = InitialNormal{1, 0.3, -5, 1};
        experiment.rejection_free = false;
        const TimeHistogram stepped = *cpu_engine().run(experiment).collapse_time;
        experiment.rejection_free = true;
        const TimeHistogram waited = *cpu_engine().run(experiment).collapse_time;
        CHECK(waited.counts == stepped.counts);
        CHECK(waited.never == stepped.never);
      }
    }
  }
}

TEST_CASE("rejection free: 10^9 steps under psBN, by the law of the first active sample or to the end") {
  Experiment experiment = plain_experiment();
  experiment.precision = Precision::float64;
  experiment.trajectories = 2000;
  experiment.steps = 1'000'000'000;
  experiment.recording.steps = {};
  experiment.recording.first_activation = true;
  experiment.recording.time_bins = 60;
  experiment.rejection_free = true;
  // gamma falls by 45 % over the run, P rises from 4e-11 to 4e-6.
  experiment.model.alpha = 2.5;
  experiment.optimizer.learning_rate = 1e-5;
  experiment.optimizer.weight_decay = 1e-4;
  const theory::Neuron start{1, -9, 2.5, 0};
  experiment.initial = InitialPoint{start.gamma, start.beta};
  SUBCASE("alpha above 0") {
    experiment.steps = 600'000'000;
    const theory::FirstActivation law(experiment.model.x_law, start, {1e-5, 1e-4}, 1);
    const TimeHistogram times = *cpu_engine().run(experiment).first_activation;
    double largest = 0;
    auto alive = static_cast<double>(experiment.trajectories);
    for (std::size_t bin = 0; bin < times.counts.size(); ++bin) {
      alive -= static_cast<double>(times.counts[bin]);
      const std::int64_t end =
          std::min(static_cast<std::int64_t>(bin + 1) * times.bin_width, experiment.steps);
      largest = std::max(largest,
                         std::fabs(alive / static_cast<double>(experiment.trajectories) - law.survival(end)));
    }
    CHECK(alive < 0.5 * static_cast<double>(experiment.trajectories));
    CHECK(largest * std::sqrt(static_cast<double>(experiment.trajectories)) < 2.7);
  }
  SUBCASE("alpha below 0: a collapsed neuron's steps cost next to nothing") {
    experiment.model.alpha = -0.2;
    experiment.optimizer.learning_rate = 0.1;
    experiment.optimizer.weight_decay = 0.004;
    CHECK(cpu_engine().run(experiment).first_activation->never == experiment.trajectories);
  }
}

TEST_CASE(
    "rejection free: neurons are sorted at multiples of 1024, those of the middle of a round at multiples of "
    "64, with draws of their "
    "own") {
  const auto check = [](std::int64_t step, std::int64_t from, std::int64_t to, std::int64_t end,
                        bool is_mid_round) {
    CAPTURE(step);
    const SteppingRound round = SteppingRound::after(step, from, to);
    CHECK(round.end == end);
    CHECK(round.is_mid_round == is_mid_round);
    // A block's own trajectories step with the draws of their numbers, all below maximum_trajectories.
    CHECK((round.first_trajectory(640) >= maximum_trajectories) == is_mid_round);
    CHECK(round.first_trajectory(640) % maximum_trajectories == 640);
  };
  check(0, 0, 5000, 1024, false);
  check(100, 100, 5000, 1024, false);
  check(1024, 100, 5000, 2048, false);
  check(1088, 100, 5000, 1152, true);
  check(4992, 100, 5000, 5000, true);
  check(4096, 100, 5000, 5000, false);
}
