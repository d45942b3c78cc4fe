// The device's source on the host: chunks, launches, reductions and histograms as on a device, with the same
// bits as the reference engine.
#define BNC_TARGET on_host
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "bncollapse/sim/communicator.hpp"
#include "device_executor.hpp"
#include "equality_experiments.hpp"
#include "host/engines.hpp"
#include "host_device.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

template <class T, int trajectories>
using HostExecutor = on_host::DeviceExecutor<HostDevice<trajectories>, T>;

template <int trajectories>
Estimates run_on_host(const Experiment& experiment, const std::vector<int>& devices,
                      const RunControl& control = {}) {
  const HostExecutor<float, trajectories> float32(devices, 2);
  const HostExecutor<double, trajectories> float64(devices, 2);
  const BlockExecutor& executor =
      experiment.precision == Precision::float32 ? static_cast<const BlockExecutor&>(float32) : float64;
  return simulate(experiment, executor, reference_kernels(), 2, control);
}
Estimates run_on_reference(const Experiment& experiment) {
  return simulate(experiment, reference_kernels(), 2, {});
}

Experiment small_experiment() {
  Experiment experiment;
  experiment.optimizer.learning_rate = 0.1;
  experiment.initial = InitialNormal{1, 0.2, 0, 0.5};
  experiment.trajectories = 1000;
  experiment.steps = 10;
  experiment.recording.steps = {0, 3, 10};
  return experiment;
}

}  // namespace

TEST_CASE("a device's source gives the bits of the reference engine") {
  for (const NamedExperiment& named : equality_experiments()) {
    CAPTURE(named.name);
    CHECK(to_bytes(run_on_host<200>(named.experiment, {0})) == to_bytes(run_on_reference(named.experiment)));
  }
}

TEST_CASE("neither the number of devices nor the size of a chunk shows") {
  Experiment experiment = small_experiment();
  experiment.trajectories = 3001;
  experiment.recording.antithetic = experiment.recording.control_variate = true;
  experiment.recording.first_activation = true;
  experiment.recording.groups = 7;
  experiment.recording.paths = 200;
  experiment.recording.path_stride = 4;
  const auto expected = to_bytes(run_on_reference(experiment));
  CHECK(to_bytes(run_on_host<1>(experiment, {0})) == expected);
  CHECK(to_bytes(run_on_host<300>(experiment, {0, 1, 2})) == expected);
  CHECK(to_bytes(run_on_host<100'000>(experiment, {0, 1})) == expected);
}

TEST_CASE("chunks are of equal size, and as many for each device") {
  using Parts = std::vector<std::pair<std::int64_t, std::int64_t>>;
  CHECK(on_host::cut_evenly(0, 98, 40, 1) == Parts{{0, 32}, {32, 65}, {65, 98}});
  CHECK(on_host::cut_evenly(2, 12, 4, 2) == Parts{{2, 4}, {4, 7}, {7, 9}, {9, 12}});
  CHECK(on_host::cut_evenly(5, 7, 4, 3) == Parts{{5, 6}, {6, 7}});
  CHECK(on_host::cut_evenly(3, 3, 4, 3).empty());
}

TEST_CASE("experiments that share their kernels run together, each with its own bits") {
  std::vector<Experiment> points;
  for (int i = 0; i < 7; ++i) {
    Experiment& point = points.emplace_back(small_experiment());
    point.optimizer.learning_rate = 0.02 * (i + 1);
    point.model.alpha = 0.1 * i;
    point.random_stream = static_cast<std::uint32_t>(i);
    point.recording.paths = 5;
    point.recording.histograms = i % 2 == 0;
    point.recording.u_bins = {-3, 3, 10 + i};
    point.recording.first_activation = true;
    if (i % 3 == 1) point.schedule = {Schedule::Kind::cosine, 7, 0, 0.01};
    if (i % 3 == 2) point.initial = InitialTable{{0.1 * i, 0.5}, {0.2, -0.3}};
  }
  std::vector<const Experiment*> experiments;
  for (const Experiment& point : points) experiments.push_back(&point);

  const auto check = [&](const BlockExecutor& executor) {
    std::size_t taken = 0;
    std::int64_t done = 0;
    RunControl control;
    control.on_progress = [&](std::int64_t steps) { done = steps; };
    simulate_many(experiments, executor, reference_kernels(), 2, control, [&](Estimates&& estimates) {
      CAPTURE(taken);
      CHECK(to_bytes(estimates) == to_bytes(run_on_reference(points[taken])));
      ++taken;
    });
    CHECK(taken == points.size());
    CHECK(done == 7 * 1000 * 10);
  };
  const HostExecutor<float, 10'000> all_at_once({0}, 2);
  const HostExecutor<float, 2000> few_at_once({0}, 2);
  const HostExecutor<float, 1500> on_three({0, 1, 2}, 2);
  CHECK(all_at_once.together(experiments) == 7);
  CHECK(few_at_once.together(experiments) == 2);
  check(all_at_once);
  check(few_at_once);
  check(on_three);

  points[3].steps = 9;
  points[3].recording.steps = {0, 3, 9};
  CHECK(all_at_once.together(experiments) == 3);
  points[1].recording.antithetic = true;
  CHECK(all_at_once.together(experiments) == 1);
}

TEST_CASE("of experiments that run together those before the one that diverges are kept") {
  std::vector<Experiment> points(4, small_experiment());
  points[2].optimizer.learning_rate = 1e12;
  points[2].optimizer.weight_decay = 1;
  std::vector<const Experiment*> experiments;
  for (const Experiment& point : points) experiments.push_back(&point);
  const HostExecutor<float, 10'000> executor({0}, 2);
  int taken = 0;
  CHECK_THROWS_AS(
      simulate_many(experiments, executor, reference_kernels(), 2, {}, [&](Estimates&&) { ++taken; }),
      Diverged);
  CHECK(taken == 2);
}

TEST_CASE("many records are read in several goes") {
  Experiment experiment = small_experiment();
  experiment.steps = 600;
  experiment.recording.steps.clear();
  experiment.trajectories = 64 * 64;
  for (std::int64_t step = 0; step <= experiment.steps; ++step) experiment.recording.steps.push_back(step);
  CHECK(to_bytes(run_on_host<1 << 20>(experiment, {0})) == to_bytes(run_on_reference(experiment)));
}

TEST_CASE("a device names the trajectory and step that the reference engine names when one diverges") {
  const auto divergence = [](const auto& run) {
    try {
      run();
    } catch (const Diverged& diverged) {
      return std::pair(diverged.step(), diverged.trajectory());
    }
    return std::pair<std::int64_t, std::int64_t>(-1, -1);
  };
  Experiment experiment = small_experiment();
  experiment.steps = 60;
  experiment.recording.steps = {5, 20, 60};
  experiment.optimizer.learning_rate = 1e6;
  experiment.optimizer.weight_decay = 1;
  const auto check = [&] {
    const auto expected = divergence([&] { run_on_reference(experiment); });
    REQUIRE(expected.first > 0);
    CHECK(divergence([&] { run_on_host<300>(experiment, {0, 1}); }) == expected);
  };
  check();
  experiment.recording.paths = 100;
  check();
}

TEST_CASE("a device's run counts its trajectory-steps and stops when told to") {
  for (const bool waiting : {false, true}) {
    Experiment experiment = small_experiment();
    experiment.rejection_free = waiting;
    if (waiting) experiment.initial = InitialNormal{0.8, 0.3, -2, 1};
    experiment.trajectories = 1003;
    experiment.steps = 5000;
    experiment.recording.steps = {0, 3, 5000};
    std::int64_t done = 0;
    RunControl control;
    control.on_progress = [&](std::int64_t steps) { done = steps; };
    run_on_host<300>(experiment, {0, 1}, control);
    CHECK(done == experiment.trajectories * experiment.steps);
    const std::atomic<bool> stop = true;
    control.stop = &stop;
    CHECK_THROWS_AS(run_on_host<300>(experiment, {0}, control), Interrupted);
  }
}

TEST_CASE("a device is asked for no more by many points than by few") {
  struct Asked {
    std::int64_t allocations, uploads, downloads, fetches, clears, paces, launches;
    bool operator==(const Asked&) const = default;
  };
  const auto asked = [] {
    const DeviceCalls& calls = device_calls;
    return Asked{calls.allocations, calls.uploads, calls.downloads, calls.fetches,
                 calls.clears,      calls.paces,   calls.launches};
  };
  const HostExecutor<float, 1'000'000> executor({0}, 1);
  const auto asked_for = [&](std::size_t count, bool together) {
    std::vector<Experiment> points(count, small_experiment());
    std::vector<const Experiment*> experiments;
    for (std::size_t i = 0; i < count; ++i) {
      points[i].optimizer.learning_rate = 0.01 * static_cast<double>(i + 1);
      points[i].initial = InitialPoint{1, 0};
      points[i].trajectories = 50;  // 40 of them are no more than a launch takes
      points[i].recording.histograms = true;
      experiments.push_back(&points[i]);
    }
    const Asked before = asked();
    if (together) {
      simulate_many(experiments, executor, reference_kernels(), 1, {}, [](Estimates&&) {});
    } else {
      for (const Experiment* point : experiments) simulate(*point, executor, reference_kernels(), 1, {});
    }
    const Asked after = asked();
    return Asked{after.allocations - before.allocations, after.uploads - before.uploads,
                 after.downloads - before.downloads,     after.fetches - before.fetches,
                 after.clears - before.clears,           after.paces - before.paces,
                 after.launches - before.launches};
  };
  // Each record's sums are fetched while the device goes on. By launches: rates, start, its P, two walks,
  // three records, divergence; each brings the tasks of several points.
  const Asked few = asked_for(2, true);
  CHECK(few == Asked{1, 9, 2, 3, 2, 0, 9});
  CHECK(asked_for(40, true) == few);
  CHECK(asked_for(1, false) == Asked{1, 0, 2, 3, 2, 0, 9});
}
