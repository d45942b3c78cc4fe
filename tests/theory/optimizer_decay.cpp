#include "bncollapse/theory/optimizer_decay.hpp"

#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;
using bncollapse::relative_error;

namespace {

std::int64_t steps(const Optimizer& optimizer) { return inactive_steps_to(1e-3, 0.3, optimizer).value(); }

}  // namespace

// The figures are those of docs/THEORY.md section 3, from gamma = 0.3 to 1e-3.

TEST_CASE("Adam with L2 from a fresh state takes gamma down at a rate that does not depend on lambda") {
  const auto fresh = [](double lambda) {
    return steps({.name = OptimizerName::adam, .learning_rate = 1e-3, .weight_decay = lambda});
  };
  CHECK(fresh(1e-2) == 808);
  CHECK(fresh(1e-3) == 808);
  CHECK(fresh(1e-4) == 808);
  CHECK(fresh(1e-5) == 813);
  CHECK(fresh(1e-6) == 858);
}

TEST_CASE("Adam with L2 after a long history waits for the second moment to fade") {
  const auto after_history = [](double lambda) {
    return static_cast<double>(steps({.name = OptimizerName::adam,
                                      .learning_rate = 1e-3,
                                      .weight_decay = lambda,
                                      .second_moment = 1e-4,
                                      .steps_taken = INFINITY}));
  };
  // Printed to 0.1 thousand steps.
  CHECK(std::abs(after_history(1e-6) - 20500) <= 50);
  CHECK(std::abs(after_history(1e-5) - 15900) <= 50);
  CHECK(std::abs(after_history(1e-4) - 11300) <= 50);
  CHECK(std::abs(after_history(1e-3) - 6800) <= 50);
  CHECK(std::abs(after_history(1e-2) - 2700) <= 50);
}

TEST_CASE("SGD with momentum and AdamW decay exponentially, at the rate that lambda sets") {
  const auto momentum = [](double lambda) {
    return static_cast<double>(
        steps({.name = OptimizerName::momentum, .learning_rate = 0.1, .weight_decay = lambda}));
  };
  CHECK(std::abs(momentum(1e-4) - 57000) <= 50);
  CHECK(std::abs(momentum(5e-4) - 11400) <= 50);
  CHECK(std::abs(momentum(1e-3) - 5700) <= 50);
  const auto adamw = [](double lambda) {
    return static_cast<double>(
        steps({.name = OptimizerName::adamw, .learning_rate = 1e-3, .weight_decay = lambda}));
  };
  CHECK(std::abs(adamw(0.01) - 570000) <= 500);
  CHECK(std::abs(adamw(0.1) - 57000) <= 50);
  CHECK(std::abs(adamw(1) - 5700) <= 50);
}

TEST_CASE("closed form and recursion count the same steps") {
  double weight = 0.3;
  std::int64_t count = 0;
  while (weight >= 1e-3) {
    weight -= 0.1 * (0.02 * weight);
    ++count;
  }
  CHECK(steps({.name = OptimizerName::sgd, .learning_rate = 0.1, .weight_decay = 0.02}) == count);
  // momentum 0 is plain SGD; so is Nesterov's.
  for (const OptimizerName name : {OptimizerName::momentum, OptimizerName::nesterov}) {
    CHECK(steps({.name = name, .learning_rate = 0.1, .weight_decay = 0.02, .momentum = 0}) == count);
  }
  // Nesterov's first step is eta (1 + mu) lambda w.
  CHECK(inactive_steps_to(0.3 * (1 - 0.1 * 1.9 * 0.02) * 1.0001, 0.3,
                          {.name = OptimizerName::nesterov, .learning_rate = 0.1, .weight_decay = 0.02}) ==
        1);
  CHECK(inactive_steps_to(0.3 * (1 - 0.1 * 1.9 * 0.02) * 0.9999, 0.3,
                          {.name = OptimizerName::nesterov, .learning_rate = 0.1, .weight_decay = 0.02}) ==
        2);
}

TEST_CASE("momentum's closed form counts the recursion's steps, and 10^12 of them at once") {
  for (const OptimizerName name : {OptimizerName::momentum, OptimizerName::nesterov}) {
    for (const double momentum : {0.0, 0.5, 0.9, 0.99}) {
      for (const double lambda : {1e-4, 1e-3, 1e-2, 0.1, 1.0}) {
        CAPTURE(momentum);
        CAPTURE(lambda);
        double w = 0.3, v = 0;
        std::int64_t count = 0;
        while (std::abs(w) >= 1e-3) {
          const double d = lambda * w;
          v = momentum * v + d;
          w -= 0.1 * (name == OptimizerName::nesterov ? d + momentum * v : v);
          ++count;
        }
        CHECK(std::abs(
                  steps({.name = name, .learning_rate = 0.1, .weight_decay = lambda, .momentum = momentum}) -
                  count) <= 1);
      }
    }
  }
  // The slow mode's rate is eta lambda / (1 - mu).
  const Optimizer slow{.name = OptimizerName::momentum, .learning_rate = 1e-9, .weight_decay = 1e-3};
  const auto reached = inactive_steps_to(1e-3, 0.3, slow, std::int64_t{1} << 60);
  CHECK(relative_error(static_cast<double>(reached.value()), std::log(300) / 1e-11) < 1e-9);
  CHECK_FALSE(inactive_steps_to(1e-3, 0.3, slow));
  // Several thresholds are reached as each alone; nothing moves without decay and gradient.
  const Optimizer adam{.name = OptimizerName::adam, .learning_rate = 1e-3, .weight_decay = 1e-3};
  const auto all = inactive_steps_to(std::vector{1.0, 0.2, 0.1, 1e-3}, 0.3, adam);
  CHECK(all == std::vector<std::int64_t>{0, inactive_steps_to(0.2, 0.3, adam).value(),
                                         inactive_steps_to(0.1, 0.3, adam).value(), 808});
  CHECK_FALSE(inactive_steps_to(0.1, 0.5, {.name = OptimizerName::adam, .weight_decay = 0}));
}

TEST_CASE("the first step of a fresh Adam is eta, whatever lambda") {
  for (double lambda : {1e-4, 1e-2}) {
    const Optimizer adam{.name = OptimizerName::adam, .learning_rate = 0.01, .weight_decay = lambda};
    CHECK(inactive_steps_to(0.2901, 0.3, adam) == 1);
    CHECK(inactive_steps_to(0.2899, 0.3, adam) == 2);
  }
}

TEST_CASE("the value after the counted steps is the first below the threshold") {
  using enum OptimizerName;
  for (const OptimizerName name : {sgd, momentum, nesterov, adam, adamw}) {
    for (const double start : {0.3, -0.3}) {
      for (const double moment : {0.0, 0.01}) {
        CAPTURE(start);
        CAPTURE(moment);
        const Optimizer optimizer{.name = name,
                                  .learning_rate = 0.01,
                                  .weight_decay = 0.5,
                                  .first_moment = moment,
                                  .second_moment = 1,
                                  .steps_taken = 100};
        const std::int64_t reached = inactive_steps_to(0.05, start, optimizer).value();
        CHECK(std::abs(inactive_value(start, reached, optimizer).value()) < 0.05);
        CHECK(std::abs(inactive_value(start, reached - 1, optimizer).value()) >= 0.05);
        CHECK(inactive_value(start, 0, optimizer) == start);
      }
    }
  }
  // A stored moment pulls one way, whatever the parameter's sign.
  const Optimizer pulled{.name = adam, .weight_decay = 1e-3, .first_moment = 1, .second_moment = 1};
  CHECK(inactive_value(0.3, 1, pulled) < 0.3);
  CHECK(inactive_value(-0.3, 1, pulled) < -0.3);
  CHECK_FALSE(inactive_value(0.3, 2'000'000'000, pulled));
}

TEST_CASE("no decay, reached thresholds, bad arguments") {
  CHECK(inactive_steps_to(1, 0.5, {}) == 0);
  CHECK(inactive_steps_to(1, -0.5, {}) == 0);
  for (const OptimizerName name : {OptimizerName::sgd, OptimizerName::momentum, OptimizerName::nesterov,
                                   OptimizerName::adam, OptimizerName::adamw}) {
    CHECK_FALSE(inactive_steps_to(0.1, 0.5, {.name = name, .weight_decay = 0}, 1'000'000));
  }
  CHECK_FALSE(inactive_steps_to(1e-3, 0.5, {.learning_rate = 0.1, .weight_decay = 1e-3}, 10));
  CHECK(inactive_steps_to(1e-3, -0.3, {.learning_rate = 0.1, .weight_decay = 1e-3}) ==
        inactive_steps_to(1e-3, 0.3, {.learning_rate = 0.1, .weight_decay = 1e-3}));
  const auto rejected = [](const Optimizer& optimizer) {
    return rejected_argument([&] { inactive_steps_to(1e-3, 0.3, optimizer); });
  };
  CHECK(rejected({.learning_rate = NAN}) == "learning_rate");
  CHECK(rejected({.weight_decay = -1}) == "weight_decay");
  CHECK(rejected({.name = OptimizerName::momentum, .momentum = 1}) == "momentum");
  CHECK(rejected({.name = OptimizerName::adam, .beta1 = -0.1}) == "beta1");
  CHECK(rejected({.name = OptimizerName::adam, .beta2 = 1}) == "beta2");
  CHECK(rejected({.name = OptimizerName::adamw, .epsilon = 0}) == "epsilon");
  CHECK(rejected({.name = OptimizerName::adamw, .first_moment = INFINITY}) == "first_moment");
  CHECK(rejected({.name = OptimizerName::adamw, .second_moment = -1}) == "second_moment");
  CHECK(rejected({.name = OptimizerName::adamw, .steps_taken = NAN}) == "steps_taken");
  CHECK(rejected_argument([] { inactive_steps_to(0, 0.3, {}); }) == "threshold");
  CHECK(rejected_argument([] { inactive_steps_to(0.1, NAN, {}); }) == "start");
  CHECK(rejected_argument([] { inactive_steps_to(0.1, 0.3, {}, -1); }) == "horizon");
}

// The recursion's matrix [1 - eta lambda, -eta mu; lambda, mu] on (w, v) has the trace
// s = 1 + mu - eta lambda and the determinant mu. Its eigenvalues r are those of r^2 - s r + mu = 0, and
// w_n = (c r1^n + (1 - c) r2^n) w_0 with w_1 = (1 - eta lambda) w_0.
TEST_CASE("decay with momentum at a constant learning rate is a sum of two geometric series") {
  const double eta = 0.05, lambda = 5e-3, mu = 0.9;
  const double trace = 1 + mu - eta * lambda, root = std::sqrt(trace * trace - 4 * mu);
  const double slow = (trace + root) / 2, fast = (trace - root) / 2;
  const double share = (1 - eta * lambda - fast) / (slow - fast);
  const auto weight = [&](double n) { return share * std::pow(slow, n) + (1 - share) * std::pow(fast, n); };
  const auto constant = [&](std::int64_t) { return eta; };
  for (const auto& range : {std::pair{0, 1}, {0, 200}, {100, 300}, {7, 8}}) {
    const int begin = range.first, end = range.second;
    CAPTURE(begin);
    CAPTURE(end);
    CHECK(relative_error(momentum_decay(constant, lambda, mu, begin, end).value(),
                         weight(end) / weight(begin)) <= 1e-12);
  }
  CHECK(momentum_decay(constant, lambda, mu, 5, 5) == 1);
}

TEST_CASE("decay with momentum takes the learning rate of each step") {
  const double rates[] = {0.5, 0.25, 1, 0.125};
  const auto rate = [&](std::int64_t t) { return rates[t]; };
  // Without momentum: the product of 1 - eta_t lambda over the steps.
  CHECK(momentum_decay(rate, 0.5, 0, 1, 4) == 0.875 * 0.5 * 0.9375);
  // With it, by hand: v = 0.5, w = 0.75; then v = 0.25 + 0.375 = 0.625, w = 0.75 - 0.25 * 0.625.
  CHECK(momentum_decay(rate, 0.5, 0.5, 0, 2) == 0.59375);
  CHECK(momentum_decay(rate, 0.5, 0.5, 1, 2) == 0.59375 / 0.75);
}

TEST_CASE("decay with momentum ends where the parameter changes its sign, and refuses bad arguments") {
  const auto large = [](std::int64_t t) { return t < 2 ? 0.5 : 3; };
  CHECK(momentum_decay(large, 0.5, 0, 0, 2));
  CHECK_FALSE(momentum_decay(large, 0.5, 0, 0, 3));
  CHECK_FALSE(momentum_decay([](std::int64_t) { return 2; }, 0.5, 0, 0, 1));  // 0 itself
  const auto rejected = [](double rate, double weight_decay, double momentum, std::int64_t begin,
                           std::int64_t end) {
    return rejected_argument(
        [&] { momentum_decay([&](std::int64_t) { return rate; }, weight_decay, momentum, begin, end); });
  };
  CHECK(rejected(-1, 0, 0, 0, 1) == "learning_rate");
  CHECK(rejected(0, NAN, 0, 0, 1) == "weight_decay");
  CHECK(rejected(0, 0, 1, 0, 1) == "momentum");
  CHECK(rejected(0, 0, 0, -1, 1) == "begin");
  CHECK(rejected(0, 0, 0, 2, 1) == "end");
}
