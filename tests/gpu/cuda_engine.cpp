// The cuda engine on the devices at hand; without one each case but the last says so and is skipped.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "approximation.hpp"
#include "bncollapse/gpu/engine.hpp"
#include "bncollapse/sim/communicator.hpp"
#include "equality_experiments.hpp"
#include "host/engines.hpp"
#include "no_cuda_engine.hpp"
#include "skip.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

std::unique_ptr<Engine> cuda_engine(gpu::Functions functions = gpu::Functions::exact) {
  return gpu::make_cuda_engine(2, functions);
}

void check_same_bits(const Engine& cuda, const NamedExperiment& named) {
  CAPTURE(named.name);
  CHECK(to_bytes(cuda.run(named.experiment)) ==
        to_bytes(make_engine(EngineName::reference)->run(named.experiment)));
}

}  // namespace

TEST_CASE("the cuda engine gives the bits of the reference engine") {
  SKIP_IF(no_cuda_engine());
  const auto cuda = cuda_engine();
  for (const NamedExperiment& named : equality_experiments()) check_same_bits(*cuda, named);
}

TEST_CASE("the cuda engine gives the bits of the reference engine: a sample, for slow tools") {
  SKIP_IF(no_cuda_engine());
  const auto cuda = cuda_engine();
  const auto all = equality_experiments();
  for (std::size_t i = 0; i + 2 < all.size(); i += 13) check_same_bits(*cuda, all[i]);
  for (const std::int64_t batch : {1, 5}) {
    const auto waiting = std::find_if(all.begin(), all.end(), [&](const NamedExperiment& named) {
      return named.experiment.rejection_free && named.experiment.model.batch == batch;
    });
    REQUIRE(waiting != all.end());
    check_same_bits(*cuda, *waiting);
  }
}

TEST_CASE("the cuda engine gives the cpu engine's bits over a million trajectories") {
  SKIP_IF(no_cuda_engine());
  const auto cuda = cuda_engine();
  Experiment experiment;
  experiment.optimizer.learning_rate = 0.03;
  experiment.trajectories = 3'000'001;
  experiment.steps = 1000;
  experiment.recording.steps = {1, 10, 100, 1000};
  experiment.recording.histograms = true;
  experiment.recording.u_bins = {-3, 3, 300};
  CHECK(to_bytes(cuda->run(experiment)) == to_bytes(make_engine(EngineName::cpu)->run(experiment)));
}

TEST_CASE("the cuda engine stops when told to") {
  SKIP_IF(no_cuda_engine());
  const auto cuda = cuda_engine();
  Experiment experiment;
  experiment.trajectories = 1000;
  experiment.steps = 1000;
  experiment.recording.steps = {1000};
  const std::atomic<bool> stop = true;
  RunControl control;
  control.stop = &stop;
  CHECK_THROWS_AS(cuda->run(experiment, control), Interrupted);
}

TEST_CASE("the cuda engine runs the points of a sweep together, each with the bits of the reference engine") {
  SKIP_IF(no_cuda_engine());
  const auto cuda = cuda_engine();
  std::vector<Experiment> points;
  for (int i = 0; i < 40; ++i) {
    Experiment& point = points.emplace_back();
    point.trajectories = 1000;
    point.steps = 200;
    point.recording.steps = {100, 200};
    point.recording.antithetic = i >= 20;
    point.optimizer.learning_rate = 0.01 * (1 + i);
    point.precision = i % 20 < 10 ? Precision::float32 : Precision::float64;
    point.random_stream = static_cast<std::uint32_t>(i);
  }
  std::vector<const Experiment*> experiments;
  for (const Experiment& point : points) experiments.push_back(&point);
  const auto reference = make_engine(EngineName::reference);
  std::size_t taken = 0;
  cuda->run_many(experiments, {}, [&](Estimates&& estimates) {
    CHECK(to_bytes(estimates) == to_bytes(reference->run(points[taken++])));
  });
  CHECK(taken == points.size());
}

TEST_CASE("the cuda engine's approximate mode agrees with the exact one statistically, and says what it is") {
  SKIP_IF(no_cuda_engine());
  const auto exact = cuda_engine();
  const auto approximate = cuda_engine(gpu::Functions::approximate);
  CHECK(exact->name() == "cuda");
  CHECK(approximate->name() == "cuda-approximate");
  for (Experiment& experiment : approximation_experiments(std::int64_t{1} << 22)) {
    CHECK(exact->approximation(experiment).empty());
    CHECK_FALSE(approximate->approximation(experiment).empty());
    check_agreement(approximate->run(experiment), exact->run(with_other_draws(experiment)));
    experiment.precision = Precision::float64;
    experiment.trajectories = 1000;
    CHECK(approximate->approximation(experiment).empty());
    CHECK(to_bytes(approximate->run(experiment)) == to_bytes(exact->run(experiment)));
  }
}

TEST_CASE("automatic takes the cuda engine where there is one, says why where not") {
  const gpu::ChosenEngine chosen = gpu::make_engine(EngineName::automatic, 2);
  if (no_cuda_engine().empty()) {
    CHECK(chosen.engine->name() == "cuda");
    CHECK(chosen.note.empty());
  } else {
    CHECK(chosen.engine->name() == "cpu");
    // A machine without a driver is none where cuda might be expected.
    CHECK(chosen.note.empty() != gpu::has_driver());
    CHECK((chosen.engine->description().find("cuda not taken") != std::string::npos) ==
          gpu::has_cuda_engine());
    CHECK_THROWS_AS(gpu::make_engine(EngineName::cuda), EngineUnavailable);
    CHECK_THROWS_AS(gpu::make_engine(EngineName::cuda_approximate), EngineUnavailable);
  }
  CHECK(gpu::make_engine(EngineName::reference).engine->name() == "reference");
}
