// The edges: one trajectory, no steps, gamma = 0, divergence, interruption, memory.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <chrono>
#include <limits>
#include <thread>

#include "bncollapse/theory/neuron.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

void check_not_nan(const Estimates& estimates) {
  for (const Record& record : estimates.records) {
    for (const Mean* mean :
         {&record.probability, &record.probability_change, &record.gamma, &record.beta,
          &record.collapsed_share, &record.small_gamma_share, &record.rarely_active_share}) {
      CHECK_FALSE(std::isnan(mean->mean));
      CHECK_FALSE(std::isnan(mean->standard_error));
    }
    for (const auto& mean : {record.change_antithetic, record.change_control_variate}) {
      if (!mean) continue;
      CHECK_FALSE(std::isnan(mean->mean));
      CHECK_FALSE(std::isnan(mean->standard_error));
    }
  }
}

}  // namespace

TEST_CASE("limits: one trajectory has an infinite standard error") {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 1;
  experiment.recording.antithetic = experiment.recording.control_variate = true;
  const Estimates estimates = cpu_engine().run(experiment);
  const Record& record = estimates.records.front();
  for (const Mean& mean : {record.probability, record.gamma, record.beta, record.collapsed_share,
                           *record.change_antithetic, *record.change_control_variate}) {
    CHECK(mean.standard_error == std::numeric_limits<double>::infinity());
    CHECK(mean.count == 1);
    CHECK(std::isfinite(mean.mean));
  }
}

TEST_CASE("limits: no steps, no records") {
  Experiment experiment = plain_experiment();
  experiment.steps = 0;
  experiment.recording.steps = {0};
  experiment.recording.first_activation = experiment.recording.collapse_time = true;
  const Estimates estimates = cpu_engine().run(experiment);
  CHECK(estimates.records.front().probability.mean == 0.5);
  CHECK(estimates.records.front().probability_change.mean == 0);
  CHECK(estimates.first_activation->never == experiment.trajectories);
  CHECK(estimates.first_activation->counts.empty());
  experiment.recording.steps = {};
  CHECK(cpu_engine().run(experiment).records.empty());
}

TEST_CASE("limits: gamma = 0 and gamma < 0") {
  Experiment experiment = plain_experiment();
  experiment.steps = 3;
  experiment.recording.steps = {0, 1, 3};
  experiment.recording.antithetic = experiment.recording.control_variate = true;
  experiment.recording.histograms = true;
  experiment.recording.u_bins = {-5, 5, 3};
  experiment.trajectories = 100;
  for (const auto mode : {BatchMode::exact, BatchMode::gaussian_limit}) {
    experiment.model.batch_mode = mode;
    for (const double beta : {-0.5, 0.0, 0.5}) {
      experiment.initial = InitialPoint{0, beta};
      const Estimates estimates = cpu_engine().run(experiment);
      CHECK(estimates.records.front().probability.mean == (beta > 0 ? 1 : 0));
      CHECK((beta > 0 ? estimates.records.front().histograms->u.below
                      : estimates.records.front().histograms->u.above) == 100);
      check_not_nan(estimates);
      if (beta <= 0) CHECK(estimates.records.back().gamma.mean == 0);  // inactive for ever
    }
  }
  for (const auto& law : {theory::make_gaussian_law(), theory::make_skew_normal_law(2)}) {
    Experiment negative = plain_experiment();
    negative.model.x_law = law;
    negative.initial = InitialPoint{-0.7, 0.4};
    negative.recording.steps = {0};
    CHECK(relative_error(cpu_engine().run(negative).records.front().probability.mean,
                         theory::activation_probability(*law, {-0.7, 0.4, 0, 0})) <= 1e-7);  // float32 state
  }
}

TEST_CASE("limits: gamma decays to nothing") {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 1;
  experiment.optimizer.weight_decay = 0.9;
  experiment.initial = InitialPoint{1e-3, -1};
  experiment.steps = 500;
  experiment.recording.steps = {30, 60, 500};
  experiment.recording.collapse_time = true;
  experiment.recording.histograms = true;
  for (const auto precision : {Precision::float32, Precision::float64}) {
    experiment.precision = precision;
    const Estimates estimates = cpu_engine().run(experiment);
    check_not_nan(estimates);
    CHECK(estimates.collapse_time->never == 0);
    CHECK(estimates.records.back().collapsed_share.mean == 1);
  }
}

TEST_CASE("limits: a trajectory that overflows is named") {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 5000;
  experiment.steps = 50;
  experiment.recording.steps = {1, 20, 50};
  experiment.optimizer.learning_rate = 1;
  experiment.optimizer.weight_decay = 1e6;
  for (const auto& engine : all_engines()) {
    try {
      engine->run(experiment);
      FAIL("no exception");
    } catch (const Diverged& diverged) {
      CHECK(diverged.step() == 20);
      CHECK(diverged.trajectory() == 0);
      CHECK(std::string(diverged.what()).find("trajectory 0 is no longer finite at step 20") == 0);
    }
  }
  experiment.precision = Precision::float64;  // 1e6^20 fits there, 1e6^50 almost: 1e300
  CHECK_NOTHROW(cpu_engine().run(experiment));
  experiment.steps = 60;
  CHECK_THROWS_AS(cpu_engine().run(experiment), Diverged);
}

TEST_CASE("limits: a run can be watched and stopped soon") {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 1 << 20;
  experiment.steps = 1'000'000;
  experiment.recording.steps = {};
  for (const std::int64_t batch : {1, 1000}) {
    experiment.model.batch = batch;
    for (const EngineName name : {EngineName::reference, EngineName::cpu}) {
      std::atomic<bool> stop = false;
      std::int64_t seen = 0;
      std::chrono::steady_clock::time_point stopped_at;
      std::thread stopper([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(150));
        stopped_at = std::chrono::steady_clock::now();
        stop = true;
      });
      const RunControl control{[&](std::int64_t done) {
                                 CHECK(done >= seen);
                                 seen = done;
                               },
                               &stop};
      CHECK_THROWS_AS(make_engine(name, 2)->run(experiment, control), Interrupted);
      const auto late = std::chrono::steady_clock::now() - stopped_at;
      stopper.join();
      CAPTURE(batch);
      // Promised are 0.2 s on an idle machine; this one may be busy or watched by a sanitizer.
      CHECK(std::chrono::duration<double>(late).count() < 2);
    }
  }
}

TEST_CASE("limits: progress ends at trajectories times steps, a throwing watcher ends the run") {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 3000;
  experiment.steps = 17;
  std::int64_t last = 0;
  cpu_engine().run(experiment, {[&](std::int64_t done) { last = done; }, nullptr});
  CHECK(last == 3000 * 17);
  CHECK_THROWS_WITH(
      cpu_engine().run(experiment, {[](std::int64_t) { throw std::runtime_error("enough"); }, nullptr}),
      "enough");
}

TEST_CASE("limits: memory does not grow with steps or trajectories") {
  const auto peak_kib = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  };
  const auto growth_kib = [&](std::int64_t trajectories, std::int64_t steps) {
    Experiment experiment = plain_experiment();
    experiment.schedule = {Schedule::Kind::cosine, 1000, 0, 0};
    experiment.trajectories = trajectories;
    experiment.steps = steps;
    const long before = peak_kib();
    make_engine(EngineName::cpu, 2)->run(experiment);  // each thread has memory of its own
    return peak_kib() - before;
  };
  // First as many blocks as there are threads, and more: each has its stack and its share of the allocator
  // from then on.
  growth_kib(300'000, 1);
  growth_kib(64, 100'000);
  CHECK(growth_kib(64, 2'000'000) < 3800);  // one float a step would be 7600
  // One float a trajectory would be 31,000. An address sanitizer keeps what was freed: 4,600 of results here.
  CHECK(growth_kib(8'000'000, 1) < 15'500);
}
