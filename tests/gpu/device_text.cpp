// The device's text on the host: chunks, launches, reductions and histograms as on a device, with the same
// bits as the reference engine.
#define BNC_TARGET on_host
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>

#include "bncollapse/sim/team.hpp"
#include "device_executor.hpp"
#include "engines.hpp"
#include "equality_experiments.hpp"
#include "host_device.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

template <int trajectories>
Estimates run_on_host(const Experiment& experiment, std::vector<int> devices,
                      const RunControl& control = {}) {
  const on_host::DeviceExecutor<HostDevice<trajectories>> executor(std::move(devices), 2);
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

TEST_CASE("a device's text gives the bits of the reference engine") {
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

TEST_CASE("many records are read in several goes") {
  Experiment experiment = small_experiment();
  experiment.steps = 600;
  experiment.recording.steps.clear();
  experiment.trajectories = 64 * 64;
  for (std::int64_t step = 0; step <= experiment.steps; ++step) experiment.recording.steps.push_back(step);
  CHECK(to_bytes(run_on_host<1 << 20>(experiment, {0})) == to_bytes(run_on_reference(experiment)));
}

TEST_CASE("a device names the trajectory and step that the reference engine names when one diverges") {
  Experiment experiment = small_experiment();
  experiment.steps = 60;
  experiment.recording.steps = {5, 20, 60};
  experiment.optimizer.learning_rate = 1e6;
  experiment.optimizer.weight_decay = 1;
  for (const std::int64_t paths : {0, 100}) {
    experiment.recording.paths = paths;
    std::int64_t step = -1, trajectory = -1;
    try {
      run_on_reference(experiment);
    } catch (const Diverged& diverged) {
      step = diverged.step();
      trajectory = diverged.trajectory();
    }
    REQUIRE(step > 0);
    try {
      run_on_host<300>(experiment, {0, 1});
      FAIL("did not diverge");
    } catch (const Diverged& diverged) {
      CHECK(diverged.step() == step);
      CHECK(diverged.trajectory() == trajectory);
    }
  }
}

TEST_CASE("a device's run counts its trajectory-steps and stops when told to") {
  const Experiment experiment = small_experiment();
  std::int64_t done = 0;
  RunControl control;
  control.on_progress = [&](std::int64_t steps) { done = steps; };
  run_on_host<300>(experiment, {0, 1}, control);
  CHECK(done == experiment.trajectories * experiment.steps);
  const std::atomic<bool> stop = true;
  control.stop = &stop;
  CHECK_THROWS_AS(run_on_host<300>(experiment, {0}, control), Interrupted);
}
