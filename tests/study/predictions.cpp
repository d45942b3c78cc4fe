#include <doctest/doctest.h>

#include <cmath>

#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/theory/drift.hpp"
#include "relative_error.hpp"
#include "spec/initial_nodes.hpp"

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
  CHECK(relative_error(epsilon, 0.005) <= 1e-15);
  CHECK(relative_error(values.at(study::quantity::drift_theorem1).value,
                       epsilon * epsilon * values.at(study::quantity::drift_coefficient).value) <= 1e-14);
  CHECK(relative_error(values.at(study::quantity::activation_probability).value, 0.5) <= 1e-14);
  return values.at(study::quantity::drift_coefficient).value;
}

}  // namespace

// References: mpmath 1.2, quad over 25 digits of A(u) = -phi (phi (1 - u^4/2) + u (1 - u^2) Q/2) times the
// law's density.
TEST_CASE("predictions average over an even law of beta/gamma") {
  using enum sim::InitialEvenRatio::Law;
  CHECK(relative_error(coefficient(gaussian, 1), -0.08423080346721823) <= 1e-8);
  CHECK(relative_error(coefficient(gaussian, 0.5), -0.11890376218813561) <= 1e-9);
  CHECK(relative_error(coefficient(uniform, 1), -0.07018874233682884) <= 1e-5);
  CHECK(relative_error(coefficient(rademacher, 0.7), -0.07141508518743536) <= 1e-14);
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
  CHECK(relative_error(weights, 1) <= 1e-12);
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
  const auto prediction = predict(experiment);
  CHECK(relative_error(prediction.series.at(study::quantity::gamma).at(100), 0.5 * std::pow(0.99, 100)) <=
        1e-13);
  CHECK(relative_error(prediction.series.at(study::quantity::beta).at(500), -std::pow(0.99, 500)) <= 1e-13);
  CHECK(relative_error(prediction.values.at(study::quantity::t_half).value, std::log(0.1) / std::log(0.99)) <=
        1e-13);
}

TEST_CASE("the collapse of an inactive neuron: where gamma and P are below their thresholds") {
  sim::Experiment experiment;
  experiment.optimizer.learning_rate = 0.1;
  experiment.optimizer.weight_decay = 0.1;
  experiment.initial = sim::InitialPoint{0.5, -3};
  experiment.steps = 500;
  experiment.recording.gamma_threshold = 0.01;
  experiment.recording.probability_threshold = 1e-6;
  const auto collapse = [&] {
    const auto values = predict(experiment).values;
    const auto found = values.find(study::quantity::inactive_steps_to_threshold);
    return found == values.end() ? -1.0 : found->second.value;
  };
  CHECK(collapse() == std::ceil(std::log(0.01 / 0.5) / std::log(0.99)));
  experiment.model.alpha = 0.1;  // active by then
  CHECK(collapse() == -1);
  experiment.model.alpha = 0;
  experiment.initial = sim::InitialPoint{0.5, 0};  // P = 1/2 for ever
  CHECK(collapse() == -1);
  // Underdamped: (gamma, beta) turns over before |gamma| is below its threshold.
  experiment.initial = sim::InitialPoint{0.5, -3};
  experiment.optimizer.name = theory::OptimizerName::momentum;
  experiment.optimizer.weight_decay = 1;
  CHECK(collapse() == -1);
  // A stored first moment takes gamma < 0 away from 0 first.
  experiment.optimizer = {.name = theory::OptimizerName::adam, .learning_rate = 0.01, .weight_decay = 0.1};
  experiment.optimizer.first_moment = 0.01;
  experiment.optimizer.second_moment = 1e-4;
  experiment.optimizer.steps_taken = 10;
  const double upright = collapse();
  experiment.initial = sim::InitialPoint{-0.5, -3};
  CHECK(upright > 0);
  CHECK(collapse() > upright);
}

// Reference: another order of integration, over beta/gamma in closed form (the normal law's integrals of
// piecewise linear functions), then Gauss-Legendre over x (1000 nodes) and over g (panels of 1, 40 nodes).
TEST_CASE("the mean over an even law of beta/gamma where x has a density that jumps") {
  sim::Experiment experiment;
  experiment.model.x_law = theory::make_uniform_law();
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = sim::InitialEvenRatio{1, sim::InitialEvenRatio::Law::gaussian, 1};
  const auto exact = predict(experiment).values.at(study::quantity::drift_exact);
  constexpr double reference = -1.144054857e-05;
  CHECK(std::abs(exact.value - reference) < exact.error + 1e-13);
  CHECK(exact.error < 1e-4 * std::abs(reference));
  // The same with gamma < 0 and a wider step: the law is even.
  experiment.initial = sim::InitialEvenRatio{-1, sim::InitialEvenRatio::Law::gaussian, 1};
  CHECK(std::abs(predict(experiment).values.at(study::quantity::drift_exact).value / reference - 1) < 1e-5);
}

TEST_CASE("what the theory does not cover is not predicted") {
  sim::Experiment experiment;
  experiment.optimizer.name = theory::OptimizerName::adam;
  CHECK_FALSE(predict(experiment).values.contains(study::quantity::drift_exact));
  experiment.optimizer.name = theory::OptimizerName::sgd;
  experiment.initial = sim::InitialNormal{1, 0.5, 0, 0.1};
  CHECK_FALSE(predict(experiment).values.contains(study::quantity::drift_exact));
}
