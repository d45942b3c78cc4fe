// The optimizers against recursions written down independently, in plain double precision.
#define BNC_TARGET optimizers_test
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "bncollapse/theory/optimizer_decay.hpp"
#include "host/plan_experiment.hpp"
#include "relative_error.hpp"
#include "shared/step.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;
using theory::OptimizerName;

namespace {

constexpr OptimizerName all_optimizers[] = {OptimizerName::sgd, OptimizerName::momentum,
                                            OptimizerName::nesterov, OptimizerName::adam,
                                            OptimizerName::adamw};

/// The textbook recursions: Sutskever et al. 2013 as PyTorch writes them, Kingma and Ba 2015, Loshchilov and
/// Hutter 2019.
class TextbookOptimizer {
 public:
  TextbookOptimizer(const theory::Optimizer& constants, double start)
      : c_(constants), w_(start), m_(constants.first_moment), v_(constants.second_moment) {}

  double step(double gradient, double rate) {
    const double lambda = c_.weight_decay;
    ++taken_;
    if (c_.name == OptimizerName::sgd) {
      w_ = w_ * (1 - rate * lambda) - rate * gradient;
    } else if (c_.name == OptimizerName::momentum || c_.name == OptimizerName::nesterov) {
      gradient += lambda * w_;
      velocity_ = c_.momentum * velocity_ + gradient;
      w_ -= rate * (c_.name == OptimizerName::nesterov ? gradient + c_.momentum * velocity_ : velocity_);
    } else {
      if (c_.name == OptimizerName::adam) gradient += lambda * w_;
      if (c_.name == OptimizerName::adamw) w_ *= 1 - rate * lambda;
      m_ = c_.beta1 * m_ + (1 - c_.beta1) * gradient;
      v_ = c_.beta2 * v_ + (1 - c_.beta2) * gradient * gradient;
      const double steps = c_.steps_taken + taken_;
      const double m_hat = m_ / (1 - std::pow(c_.beta1, steps));
      const double v_hat = v_ / (1 - std::pow(c_.beta2, steps));
      w_ -= rate * m_hat / (std::sqrt(v_hat) + c_.epsilon);
    }
    return w_;
  }

 private:
  theory::Optimizer c_;
  double w_, velocity_ = 0, m_, v_, taken_ = 0;
};

theory::Optimizer some_optimizer(OptimizerName name) {
  theory::Optimizer optimizer;
  optimizer.name = name;
  optimizer.learning_rate = 0.02;
  optimizer.weight_decay = 0.05;
  if (name == OptimizerName::adam || name == OptimizerName::adamw) {
    optimizer.first_moment = -0.3;
    optimizer.second_moment = 0.2;
    optimizer.steps_taken = 11;
  }
  return optimizer;
}

template <class Rule>
void check_scripted(const Experiment& experiment) {
  using V = optimizers_test::Lane<double>;
  const PlannedStep<double> planned(experiment);
  RateTable<double> rates(experiment);
  TextbookOptimizer textbook(experiment.optimizer, 0.7);
  const theory::RuleState start = theory::rule_start(experiment.optimizer);
  optimizers_test::Parameter<V> parameter{V(0.7), V(start.first), V(start.second)};
  for (std::int64_t t = 1; t <= experiment.steps; ++t) {
    const double gradient = t % 7 == 0 ? 0 : std::sin(1.7 * static_cast<double>(t)) + 0.3;
    const Rates<double> now = rates.from(t - 1, 1);
    Rule::update(parameter, V(gradient),
                 optimizers_test::StepRates<V>{V(*now.rate), V(*now.shrink), V(*now.root)},
                 V(planned.plan().optimizer.l2), planned.plan().optimizer);
    const double expected =
        textbook.step(gradient, learning_rate_at(experiment.schedule, experiment.optimizer.learning_rate, t));
    REQUIRE(relative_error(parameter.value.value(), expected) <= 1e-11);
  }
}

}  // namespace

TEST_CASE("optimizers: scripted gradients") {
  for (const auto name : all_optimizers) {
    CAPTURE(static_cast<int>(name));
    Experiment experiment = plain_experiment();
    experiment.optimizer = some_optimizer(name);
    experiment.schedule = {Schedule::Kind::cosine_restarts, 90, 0, 0.001};
    experiment.steps = 300;
    optimizers_test::with_rule(theory::rule_constants<double>(experiment.optimizer).rule,
                               [&](auto rule) { check_scripted<decltype(rule)>(experiment); });
  }
}

TEST_CASE("optimizers: through the engine, beta of a linear neuron under g = 1") {
  for (const auto name : all_optimizers) {
    for (const std::int64_t batch : {1, 4}) {
      Experiment experiment = plain_experiment();
      experiment.optimizer = some_optimizer(name);
      experiment.initial = InitialPoint{1, 0.4};
      experiment.model.leak = 1;
      experiment.model.batch = batch;
      experiment.model.noise.mean = 1;
      experiment.model.noise.std = 0;
      experiment.precision = Precision::float64;
      experiment.trajectories = 1;
      experiment.steps = 200;
      experiment.recording.paths = 1;
      TextbookOptimizer textbook(experiment.optimizer, 0.4);
      CAPTURE(static_cast<int>(name));
      for (const PathPoint& point : cpu_engine().run(experiment).paths) {
        if (point.step == 0) continue;
        REQUIRE(relative_error(point.beta, textbook.step(1, experiment.optimizer.learning_rate)) <= 1e-13);
      }
    }
  }
}

TEST_CASE("optimizers: an inactive neuron decays as theory says") {
  struct Case {
    theory::Optimizer optimizer;
    double start, threshold;
  };
  theory::Optimizer adam;
  adam.name = OptimizerName::adam;
  adam.learning_rate = 1e-3;
  std::vector<Case> cases;
  for (const double lambda : {1e-2, 1e-4, 1e-6}) {
    adam.weight_decay = lambda;
    cases.push_back({adam, 0.3, 1e-3});
  }
  adam.weight_decay = 1e-2;
  adam.second_moment = 1e-4;
  adam.steps_taken = std::numeric_limits<double>::infinity();
  cases.push_back({adam, 0.3, 1e-3});
  theory::Optimizer other;
  other.learning_rate = 0.1;
  other.weight_decay = 5e-3;
  for (const auto name :
       {OptimizerName::sgd, OptimizerName::momentum, OptimizerName::nesterov, OptimizerName::adamw}) {
    other.name = name;
    cases.push_back({other, 0.3, 1e-2});
  }
  for (const Case& one : cases) {
    Experiment experiment = plain_experiment();
    experiment.optimizer = one.optimizer;
    experiment.initial = InitialPoint{one.start, -40};
    experiment.precision = Precision::float64;
    experiment.trajectories = 1;
    experiment.steps = 20'000;
    experiment.recording.gamma_threshold = one.threshold;
    experiment.recording.collapse_time = true;
    experiment.recording.time_bins = experiment.steps;
    const auto times = cpu_engine().run(experiment).collapse_time;
    const auto predicted = theory::inactive_steps_to(one.threshold, one.start, one.optimizer);
    CAPTURE(static_cast<int>(one.optimizer.name));
    CAPTURE(one.optimizer.weight_decay);
    REQUIRE(predicted);
    CAPTURE(*predicted);
    REQUIRE(*predicted <= experiment.steps);
    CHECK(times->never == 0);
    CHECK(times->counts[static_cast<std::size_t>(*predicted - 1)] == 1);
  }
}

TEST_CASE("optimizers: decay alone is exact") {
  Experiment experiment = plain_experiment();
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.03;
  experiment.initial = InitialPoint{-0.8, -60};
  experiment.trajectories = 3;
  experiment.steps = 1000;
  experiment.recording.steps = {1, 10, 100, 1000};
  for (const auto precision : {Precision::float32, Precision::float64}) {
    experiment.precision = precision;
    // Every step rounds once, up or down, by half a unit at most.
    const double unit = precision == Precision::float32 ? 0x1p-24 : 0x1p-53;
    for (const Record& record : cpu_engine().run(experiment).records) {
      const auto t = static_cast<double>(record.step);
      const double shrunk = std::pow(1 - 0.1 * 0.03, t);
      const double allowed = (t + 1) * unit;
      CHECK(std::fabs(record.gamma.mean / (-0.8 * shrunk) - 1) < allowed);
      CHECK(std::fabs(record.beta.mean / (-60 * shrunk) - 1) < allowed);
      CHECK(record.gamma.standard_error == 0);
      CHECK(record.probability.mean == 0);
      CHECK(record.rarely_active_share.mean == 1);
    }
  }
}
