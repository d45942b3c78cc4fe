#include "bncollapse/study/precision.hpp"

#include <doctest/doctest.h>

using namespace bncollapse;
using study::sufficient_precision;

namespace {

sim::Experiment experiment(double learning_rate, std::int64_t steps) {
  sim::Experiment result;
  result.optimizer.learning_rate = learning_rate;
  result.initial = sim::InitialPoint{1, 0};
  result.steps = steps;
  return result;
}

}  // namespace

TEST_CASE("float32 is kept where its rounding is a thousandth of the drift, else float64") {
  // At u = 0: rounding 2^-24 against epsilon^2 / (2 pi), so the change comes at epsilon = sqrt(1000 2^-24 2
  // pi).
  CHECK(sufficient_precision(experiment(0.0195, 1)) == sim::Precision::float32);
  CHECK(sufficient_precision(experiment(0.0192, 1)) == sim::Precision::float64);
  CHECK(sufficient_precision(experiment(0.0192, 100)) == sim::Precision::float32);
}

TEST_CASE("decay below float32's spacing takes float64") {
  sim::Experiment slow = experiment(0.1, 1000);
  slow.model.noise.std = 0;
  slow.optimizer.weight_decay = 1e-4;
  CHECK(sufficient_precision(slow) == sim::Precision::float64);
  slow.optimizer.weight_decay = 1e-2;
  CHECK(sufficient_precision(slow) == sim::Precision::float32);
}

TEST_CASE("the bound holds what float32 does to P") {
  // P(0) = 1/2 read twice: 2 * 2^-24 * 1/2.
  CHECK(study::rounding_of_change(experiment(0.1, 1), sim::Precision::float32, 1) == 0x1p-24);
}
