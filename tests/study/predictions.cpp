#include <doctest/doctest.h>

#include <cmath>

#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"

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
