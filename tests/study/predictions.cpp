#include <doctest/doctest.h>

#include <cmath>

#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/theory/drift.hpp"
#include "initial_nodes.hpp"

using namespace bncollapse;
using study::predict;

namespace {

double coefficient(sim::InitialEvenRatio::Law law, double ratio_std) {
  sim::Experiment experiment;
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = sim::InitialEvenRatio{2, law, ratio_std};
  const auto values = predict(experiment).values;
  // Theorem 1's mean is epsilon^2 times the coefficient's.
  const double epsilon = values.at(study::quantity::epsilon).value;
  CHECK(epsilon == doctest::Approx(0.005));
  CHECK(values.at(study::quantity::drift_theorem1).value ==
        doctest::Approx(epsilon * epsilon * values.at(study::quantity::drift_coefficient).value)
            .epsilon(1e-10));
  CHECK(values.at(study::quantity::activation_probability).value == doctest::Approx(0.5).epsilon(1e-12));
  return values.at(study::quantity::drift_coefficient).value;
}

}  // namespace

// References: mpmath 1.2, quad over 25 digits of A(u) = -phi (phi (1 - u^4/2) + u (1 - u^2) Q/2) times the
// law's density.
TEST_CASE("predictions average over an even law of beta/gamma") {
  using enum sim::InitialEvenRatio::Law;
  CHECK(coefficient(gaussian, 1) == doctest::Approx(-0.08423080346721823).epsilon(1e-9));
  CHECK(coefficient(gaussian, 0.5) == doctest::Approx(-0.11890376218813561).epsilon(1e-9));
  CHECK(coefficient(uniform, 1) == doctest::Approx(-0.07018874233682884).epsilon(1e-5));
  CHECK(coefficient(two_point, 0.7) == doctest::Approx(-0.07141508518743536).epsilon(1e-12));
}

// By mpmath 1.2, quad over [-40, 40] of A(u), times the density of beta/gamma at 0, which is 1/(sqrt(2 pi) s)
// and 1/(2 sqrt(3) s).
TEST_CASE("a wide even law of beta/gamma takes few nodes and loses nothing") {
  using enum sim::InitialEvenRatio::Law;
  CHECK(std::abs(coefficient(gaussian, 1e4) * 1e4 / -0.15474186683950261 - 1) < 1e-5);
  CHECK(std::abs(coefficient(uniform, 1e6) * 1e6 / -0.11197140897775248 - 1) < 1e-5);
  sim::Experiment experiment;
  experiment.model.alpha = 0.5;
  experiment.initial = sim::InitialEvenRatio{1, gaussian, 1e6};
  const auto nodes = study::initial_nodes(experiment);
  CHECK(nodes.size() < 1000);
  double weights = 0;
  for (const auto& node : nodes) weights += node.weight;
  CHECK(weights == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE("a point's range is the library's: a quadrature's error is not forgiven") {
  sim::Experiment experiment;
  experiment.model.x_law = theory::make_uniform_law();
  experiment.model.batch = 8;
  experiment.optimizer.learning_rate = 0.2828;
  experiment.initial = sim::InitialPoint{1, -1};
  const auto values = predict(experiment).values;
  const auto [exact, error] = values.at(study::quantity::drift_exact);
  const double theorem1 = values.at(study::quantity::drift_theorem1).value;
  CHECK((values.at(study::quantity::in_range).value != 0) ==
        theory::is_in_theorem1_range(theorem1, {exact, error}));
  CHECK(values.at(study::quantity::in_range).value == 0);
}

TEST_CASE("under weight decay the series follow (1 - eta lambda)^t") {
  sim::Experiment experiment;
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.1;
  experiment.model.alpha = 0.1;
  experiment.initial = sim::InitialPoint{0.5, -1};
  experiment.steps = 500;
  experiment.recording.steps = {0, 100, 500};
  experiment.recording.gamma_threshold = 0.01;
  const auto prediction = predict(experiment);
  CHECK(prediction.series.at(study::quantity::gamma).at(100) == doctest::Approx(0.5 * std::pow(0.99, 100)));
  CHECK(prediction.series.at(study::quantity::beta).at(500) == doctest::Approx(-std::pow(0.99, 500)));
  CHECK(prediction.values.at(study::quantity::t_half).value ==
        doctest::Approx(std::log(0.1) / std::log(0.99)));
  const double steps = std::log(0.01 / 0.5) / std::log(0.99);
  CHECK(prediction.values.at(study::quantity::inactive_steps_to_threshold).value == std::ceil(steps));
}

TEST_CASE("what the theory does not cover is not predicted") {
  sim::Experiment experiment;
  experiment.optimizer.name = theory::OptimizerName::adam_l2;
  CHECK_FALSE(predict(experiment).values.contains(study::quantity::drift_exact));
  experiment.optimizer.name = theory::OptimizerName::sgd;
  experiment.initial = sim::InitialNormal{1, 0.5, 0, 0.1};
  CHECK_FALSE(predict(experiment).values.contains(study::quantity::drift_exact));
}
