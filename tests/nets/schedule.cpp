#include "bncollapse/nets/schedule.hpp"

#include <doctest/doctest.h>

#include "bncollapse/nets/fields.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "message.hpp"
#include "relative_error.hpp"

using namespace bncollapse::nets;
using bncollapse::relative_error;

TEST_CASE("cosine annealing falls from the learning rate to the minimum and restarts with the round") {
  const Schedule cosine{.kind = ScheduleKind::cosine, .learning_rate = 0.2, .minimum = 0.02};
  CHECK(learning_rate(cosine, 0, 100) == 0.2);
  CHECK(relative_error(learning_rate(cosine, 50, 100), 0.11) <= 1e-14);
  CHECK(relative_error(learning_rate(cosine, 25, 100), 0.11 + 0.09 * 0.70710678118654752) <= 1e-14);
  CHECK(learning_rate(cosine, 99, 100) > 0.02);
  CHECK(learning_rate(cosine, 99, 100) < 0.0202);
  CHECK(learning_rate(cosine, 100, 100) == 0.2);
  double sum = 0;
  for (int step = 0; step < 1000; ++step) {
    sum += learning_rate({.kind = ScheduleKind::cosine, .learning_rate = 0.2}, step, 1000);
  }
  CHECK(relative_error(sum / 1000, 0.1001) <= 1e-9);  // half the rate, and half a step of the first
}

TEST_CASE("steps multiply at their milestones") {
  const Schedule steps{
      .kind = ScheduleKind::step, .learning_rate = 1, .milestones = {0.5, 0.75}, .factor = 0.1};
  CHECK(learning_rate(steps, 49, 100) == 1);
  CHECK(relative_error(learning_rate(steps, 50, 100), 0.1) <= 1e-15);
  CHECK(relative_error(learning_rate(steps, 75, 100), 0.01) <= 1e-15);
  CHECK(learning_rate(steps, 100, 100) == 1);
}

TEST_CASE("warm-up rises over the first round's first steps alone") {
  const Schedule warm{.kind = ScheduleKind::constant, .learning_rate = 0.4, .warmup_steps = 4};
  CHECK(relative_error(learning_rate(warm, 0, 10), 0.1) <= 1e-15);
  CHECK(relative_error(learning_rate(warm, 3, 10), 0.4) <= 1e-15);
  CHECK(learning_rate(warm, 9, 10) == 0.4);
  CHECK(learning_rate(warm, 10, 10) == 0.4);
}

TEST_CASE("a schedule outside its domain is refused by name") {
  const auto message = [](const Schedule& schedule) {
    return message_of([&] { bncollapse::fields::validate(schedule); });
  };
  CHECK(message({}).empty());
  CHECK(contains(message({.learning_rate = 0}), "learning_rate is 0"));
  CHECK(contains(message({.learning_rate = 0.1, .minimum = 0.2}), "schedule.minimum is 0.2"));
  CHECK(contains(message({.milestones = {0.5, 0.5}}), "schedule.milestones[1] is 0.5"));
  CHECK(contains(message({.milestones = {1}}), "schedule.milestones[0] is 1"));
  CHECK(contains(message({.factor = 0}), "factor is 0"));
  CHECK(contains(message({.warmup_steps = -1}), "warmup_steps is -1"));
}
