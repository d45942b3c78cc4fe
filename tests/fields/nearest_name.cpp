#include "bncollapse/fields/nearest_name.hpp"

#include <doctest/doctest.h>

using bncollapse::fields::nearest_name;

TEST_CASE("a near miss finds the likely name") {
  const std::vector<std::string> names{"trajectories", "steps", "precision", "optimizer.learning_rate"};
  CHECK(nearest_name("trajectory", names) == "trajectories");
  CHECK(nearest_name("setps", names) == "steps");
  CHECK(nearest_name("percision", names) == "precision");
  CHECK(nearest_name("learning_rate", names) == "optimizer.learning_rate");
  CHECK_FALSE(nearest_name("elephant", names));
  CHECK_FALSE(nearest_name(std::string(100000, 'x'), names));
}
