// Every impossible experiment is refused with the name of the member at fault.
#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>

#include "bncollapse/theory/invalid_argument.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

void check_refused(const std::string& argument, const std::function<void(Experiment&)>& spoil) {
  Experiment experiment = plain_experiment();
  spoil(experiment);
  CAPTURE(argument);
  try {
    validate(experiment);
    FAIL_CHECK("accepted");
  } catch (const theory::InvalidArgument& error) {
    CHECK(error.argument() == argument);
    CHECK(std::string(error.what()).find(argument) == 0);
  }
  CHECK_THROWS_AS(cpu_engine().run(experiment), theory::InvalidArgument);
}

}  // namespace

TEST_CASE("validation: counts and the model") {
  CHECK_NOTHROW(validate(plain_experiment()));
  check_refused("simulation.trajectories", [](Experiment& e) { e.trajectories = 0; });
  check_refused("simulation.trajectories", [](Experiment& e) { e.trajectories = std::int64_t{1} << 50; });
  check_refused("simulation.steps", [](Experiment& e) { e.steps = -1; });
  check_refused("simulation.steps", [](Experiment& e) {
    e.steps = std::int64_t{1} << 39;
    e.model.batch = 1'000'000;
  });
  check_refused("model.x", [](Experiment& e) { e.model.x_law = nullptr; });
  check_refused("model.alpha", [](Experiment& e) { e.model.alpha = not_a_number; });
  check_refused("model.leak", [](Experiment& e) { e.model.leak = -0.1; });
  check_refused("model.leak", [](Experiment& e) { e.model.leak = not_a_number; });
  check_refused("model.leak", [](Experiment& e) { e.model.leak = 1.1; });
  check_refused("model.noise.std", [](Experiment& e) { e.model.noise.std = -1; });
  check_refused("model.noise.std", [](Experiment& e) { e.model.noise.std = infinity; });
  check_refused("model.noise.mean", [](Experiment& e) { e.model.noise.mean = not_a_number; });
  check_refused("model.noise.dof", [](Experiment& e) {
    e.model.noise = {theory::NoiseLaw::student_t, 0, 1, 2};
  });
  check_refused("model.batch.size", [](Experiment& e) { e.model.batch = 0; });
  check_refused("model.batch.size", [](Experiment& e) { e.model.batch = 1'000'001; });
  check_refused("model.batch.mode", [](Experiment& e) {
    e.model.batch_mode = BatchMode::gaussian_limit;
    e.model.x_law = theory::make_uniform_law();
  });
}

TEST_CASE("validation: optimizer and schedule") {
  using theory::OptimizerName;
  check_refused("optimizer.learning_rate", [](Experiment& e) { e.optimizer.learning_rate = -1; });
  check_refused("optimizer.learning_rate", [](Experiment& e) { e.optimizer.learning_rate = not_a_number; });
  check_refused("optimizer.weight_decay", [](Experiment& e) { e.optimizer.weight_decay = -1e-9; });
  for (const auto name : {OptimizerName::momentum, OptimizerName::nesterov}) {
    check_refused("optimizer.momentum", [=](Experiment& e) {
      e.optimizer.name = name;
      e.optimizer.momentum = 1;
    });
  }
  for (const auto name : {OptimizerName::adam, OptimizerName::adamw}) {
    const auto adam = [name](auto member, double value) {
      return [=](Experiment& e) {
        e.optimizer.name = name;
        e.optimizer.*member = value;
      };
    };
    check_refused("optimizer.beta1", adam(&theory::Optimizer::beta1, 1));
    check_refused("optimizer.beta2", adam(&theory::Optimizer::beta2, -0.1));
    check_refused("optimizer.epsilon", adam(&theory::Optimizer::epsilon, 0));
    check_refused("optimizer.first_moment", adam(&theory::Optimizer::first_moment, infinity));
    check_refused("optimizer.second_moment", adam(&theory::Optimizer::second_moment, -1));
    check_refused("optimizer.steps_taken", adam(&theory::Optimizer::steps_taken, -1));
    check_refused("optimizer.steps_taken", adam(&theory::Optimizer::steps_taken, not_a_number));
    check_refused("simulation.control_variate", [=](Experiment& e) {
      e.optimizer.name = name;
      e.recording.control_variate = true;
    });
  }
  check_refused("optimizer.schedule.period", [](Experiment& e) { e.schedule.kind = Schedule::Kind::cosine; });
  check_refused("optimizer.schedule.factor", [](Experiment& e) {
    e.schedule = {Schedule::Kind::step, 5, -1, 0};
  });
  check_refused("optimizer.schedule.minimum", [](Experiment& e) {
    e.schedule = {Schedule::Kind::cosine, 5, 0, 1};
  });
}

TEST_CASE("validation: rejection-free walks") {
  const auto waiting = [](const std::function<void(Experiment&)>& spoil) {
    check_refused("simulation.rejection_free", [&](Experiment& e) {
      e.rejection_free = true;
      spoil(e);
    });
  };
  waiting([](Experiment& e) { e.optimizer.name = theory::OptimizerName::momentum; });
  waiting([](Experiment& e) { e.model.x_law = theory::make_laplace_law(); });
  waiting([](Experiment& e) { e.model.batch_mode = BatchMode::gaussian_limit; });
  waiting([](Experiment& e) { e.model.leak = 0.1; });
  waiting([](Experiment& e) { e.schedule = {Schedule::Kind::cosine, 5, 0, 0}; });
  waiting([](Experiment& e) { e.recording.antithetic = true; });
  waiting([](Experiment& e) { e.recording.control_variate = true; });
  const auto decaying = [](double rate, double weight_decay, const Schedule& schedule) {
    return [=](Experiment& e) {
      e.steps = 11;
      e.optimizer.learning_rate = rate;
      e.optimizer.weight_decay = weight_decay;
      e.schedule = schedule;
    };
  };
  waiting(decaying(1, 1.01, {}));
  waiting(decaying(0.5, 1, {Schedule::Kind::step, 5, 1.5, 0}));  // 0.5 x 1.5^2 in the last stage
  Experiment decays = plain_experiment();
  decays.rejection_free = true;
  decaying(0.5, 2, {Schedule::Kind::step, 5, 0.5, 0})(decays);
  CHECK_NOTHROW(validate(decays));
}

TEST_CASE("validation: starts") {
  check_refused("initial.gamma", [](Experiment& e) { e.initial = InitialPoint{not_a_number, 0}; });
  check_refused("initial.beta", [](Experiment& e) { e.initial = InitialPoint{1, infinity}; });
  check_refused("initial.gamma_std", [](Experiment& e) { e.initial = InitialNormal{0, -1, 0, 0}; });
  check_refused("initial.beta_mean", [](Experiment& e) { e.initial = InitialNormal{0, 1, not_a_number, 0}; });
  check_refused("initial.gamma_lower", [](Experiment& e) { e.initial = InitialUniform{1, 0, 0, 0}; });
  check_refused("initial.beta_lower", [](Experiment& e) { e.initial = InitialUniform{0, 1, -infinity, 0}; });
  check_refused("initial.ratio_std", [](Experiment& e) { e.initial = InitialEvenRatio{1, {}, -1}; });
  check_refused("initial.gamma", [](Experiment& e) { e.initial = InitialTable{}; });
  check_refused("initial.beta", [](Experiment& e) { e.initial = InitialTable{{1, 2}, {1}}; });
  check_refused("initial.beta[1]", [](Experiment& e) {
    e.initial = InitialTable{{1, 2}, {1, not_a_number}};
  });
}

TEST_CASE("validation: recording") {
  check_refused("simulation.record.steps[0]", [](Experiment& e) { e.recording.steps = {2}; });
  check_refused("simulation.record.steps[0]", [](Experiment& e) { e.recording.steps = {-1}; });
  check_refused("simulation.record.steps[1]", [](Experiment& e) { e.recording.steps = {1, 1}; });
  check_refused("simulation.record.steps[1]", [](Experiment& e) { e.recording.steps = {1, 0}; });
  check_refused("simulation.control_variate", [](Experiment& e) {
    e.recording.control_variate = true;
    e.model.x_law = theory::make_laplace_law();
  });
  check_refused("simulation.histograms.u.lower", [](Experiment& e) {
    e.recording.histograms = true;
    e.recording.u_bins = {1, 1, 10};
  });
  check_refused("simulation.histograms.gamma.count", [](Experiment& e) {
    e.recording.histograms = true;
    e.recording.gamma_bins = {0, 1, 0};
  });
  check_refused("simulation.histograms", [](Experiment& e) {
    e.recording.histograms = true;
    e.recording.gamma_bins_2d.count = e.recording.beta_bins_2d.count = 100'000;
  });
  check_refused("simulation.thresholds.gamma", [](Experiment& e) { e.recording.gamma_threshold = 0; });
  check_refused("simulation.thresholds.probability",
                [](Experiment& e) { e.recording.probability_threshold = 1; });
  check_refused("simulation.first_activation", [](Experiment& e) {
    e.recording.first_activation = true;
    e.model.batch_mode = BatchMode::gaussian_limit;
  });
  check_refused("simulation.time_bins", [](Experiment& e) {
    e.recording.collapse_time = true;
    e.recording.time_bins = 0;
  });
  check_refused("simulation.paths.count", [](Experiment& e) { e.recording.paths = -1; });
  check_refused("simulation.paths.count", [](Experiment& e) { e.recording.paths = 10'001; });
  check_refused("simulation.paths.stride", [](Experiment& e) {
    e.recording.paths = 1;
    e.recording.path_stride = 0;
  });
  check_refused("simulation.paths.stride", [](Experiment& e) {
    e.recording.paths = 10'000;
    e.steps = 10'000;
  });
}
