#include "bncollapse/theory/decay.hpp"

#include <random>

#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;
using bncollapse::relative_error;

namespace {

/// ln(1 - P) from whichever of P and 1 - P is small.
double log_inactive(const Law& law, const Neuron& neuron) {
  const double active = activation_probability(law, neuron);
  const double u = threshold(neuron);
  return active < 0.5 ? std::log1p(-active) : std::log(neuron.gamma >= 0 ? law.cdf(u) : law.survival(u));
}

/// Pr[T > t] as the product that defines it.
double survival_by_product(const Law& law, const Neuron& start, const WeightDecay& decay, std::int64_t batch,
                           std::int64_t steps) {
  double log = 0;
  Neuron neuron = start;
  const double keep = 1 - decay.learning_rate * decay.weight_decay;
  for (std::int64_t j = 0; j < steps; ++j) {
    log += log_inactive(law, neuron);
    neuron.gamma *= keep;
    neuron.beta *= keep;
  }
  return std::exp(static_cast<double>(batch) * log);
}

}  // namespace

TEST_CASE("decay shrinks gamma and beta by (1 - eta lambda)^t and keeps their ratio") {
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 0.01};
  Neuron stepped{.gamma = 0.8, .beta = -1.2, .alpha = 0.3};
  const Neuron start = stepped;
  for (int t = 0; t < 1000; ++t) {
    stepped.gamma *= 1 - 0.001;
    stepped.beta *= 1 - 0.001;
  }
  const Neuron closed = decayed_neuron(start, decay, 1000);
  CHECK(relative_error(closed.gamma, stepped.gamma) < 1e-14);
  CHECK(relative_error(closed.beta, stepped.beta) < 1e-13);
  CHECK(closed.alpha == start.alpha);
  CHECK(decayed_neuron(start, decay, 0).gamma == start.gamma);
  CHECK(rejected_argument([&] { decayed_neuron(start, decay, -1); }) == "t");
  CHECK(rejected_argument([&] { decayed_neuron(start, {.learning_rate = 2, .weight_decay = 0.5}, 1); }) ==
        "weight_decay");
  CHECK(rejected_argument([&] { decayed_neuron(start, {.learning_rate = NAN}, 1); }) == "learning_rate");
}

TEST_CASE("half of the samples are active at t_half") {
  const LawPtr law = make_gaussian_law();
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 1e-3};
  for (double gamma : {0.3, -0.3}) {
    const Neuron start{.gamma = gamma, .beta = -1, .alpha = 0.1};
    const double t = half_activation_time(*law, start, decay).value();
    CHECK(relative_error(t, std::log(0.1) / std::log1p(-1e-4)) <= 1e-14);
    CHECK(relative_error(activation_probability(*law, decayed_neuron(start, decay, t)), 0.5) <= 1e-14);
  }
  CHECK_FALSE(half_activation_time(*law, {.beta = -1, .alpha = 0}, decay));
  CHECK_FALSE(half_activation_time(*law, {.beta = -0.05, .alpha = 0.1}, decay));
  CHECK_FALSE(half_activation_time(*law, {.beta = -1, .alpha = 0.1}, {.weight_decay = 0}));
}

TEST_CASE("t_half of a law whose median is not its mean") {
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 1e-2};
  for (const LawPtr& law : {make_skew_normal_law(5), make_empirical_law({0, 1, 2, 4}, {3, 2, 1})}) {
    for (double gamma : {1.0, -0.4}) {
      const Neuron start{.gamma = gamma, .beta = -0.8, .alpha = 0.1};
      const double t = half_activation_time(*law, start, decay).value();
      CHECK(relative_error(activation_probability(*law, decayed_neuron(start, decay, t)), 0.5) < 1e-14);
      CHECK(activation_probability(*law, start) < 0.49);
    }
  }
}

TEST_CASE("plain BN: the first active sample is geometric") {
  const LawPtr law = make_gaussian_law();
  const Neuron start{.gamma = 0.5, .beta = -1};
  const FirstActivation first(law, start, {}, 4);
  const double p = 1 - std::pow(1 - law->survival(2), 4);
  CHECK(first.survival(0) == 1);
  CHECK(relative_error(first.survival(10), std::pow(1 - p, 10)) <= 1e-14);
  CHECK(relative_error(first.mean(), 1 / p) <= 1e-14);
  CHECK(first.quantile(0.5).value() == static_cast<std::int64_t>(std::ceil(std::log(0.5) / std::log(1 - p))));
  const FirstActivation never(law, {.gamma = 0.01, .beta = -1}, {}, 128);
  CHECK(never.survival(1'000'000'000'000) == 1);
  CHECK(never.mean() == INFINITY);
  CHECK_FALSE(never.quantile(0.5));
  const FirstActivation always(law, {.gamma = 0, .beta = 1}, {}, 1);
  CHECK(always.survival(1) == 0);
  CHECK(always.mean() == 1);
}

TEST_CASE("psBN: the survival function is the product that defines it") {
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 5e-3};
  for (const LawPtr& law : all_laws()) {
    CAPTURE(bncollapse::fields::name_of(law->name()));
    for (double gamma : {0.2, -0.05}) {
      const Neuron start{.gamma = gamma, .beta = -1, .alpha = 0.1};
      const FirstActivation first(law, start, decay, 16);
      double previous = 1;
      for (std::int64_t t : {1, 17, 300, 1500, 2500, 3000, 3500, 4000, 4300}) {
        CAPTURE(t);
        const double expected = survival_by_product(*law, start, decay, 16, t);
        CHECK(std::abs(first.survival(t) - expected) < 1e-8);
        CHECK(first.survival(t) <= previous);
        previous = first.survival(t);
      }
    }
  }
}

TEST_CASE("psBN: quantiles and mean against the sums that define them") {
  const LawPtr law = make_gaussian_law();
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 5e-3};
  const Neuron start{.gamma = 0.2, .beta = -1, .alpha = 0.1};
  const FirstActivation first(law, start, decay, 16);
  for (double probability : {0.01, 0.5, 0.999}) {
    const std::int64_t t = first.quantile(probability).value();
    CHECK(1 - first.survival(t) >= probability);
    CHECK(1 - first.survival(t - 1) < probability);
  }
  CHECK_FALSE(first.quantile(0.5, 10));
  const auto direct_mean = [&](const WeightDecay& slow) {
    double sum = 0;
    double log = 0;
    for (std::int64_t t = 0; log > -50; ++t) {
      sum += std::exp(log);
      log +=
          16 * std::log1p(-activation_probability(*law, decayed_neuron(start, slow, static_cast<double>(t))));
    }
    return sum;
  };
  CHECK(relative_error(first.mean(), direct_mean(decay)) < 1e-13);
  // Slow enough for the sum over steps to be evaluated by quadrature.
  const WeightDecay slow{.learning_rate = 0.1, .weight_decay = 5e-5};
  CHECK(relative_error(FirstActivation(law, start, slow, 16).mean(), direct_mean(slow)) < 1e-12);
  // Far too slow for a loop: 2e12 steps to t_half.
  const WeightDecay glacial{.learning_rate = 1e-4, .weight_decay = 1e-8};
  const Neuron frozen{.gamma = 0.02, .beta = -1, .alpha = 0.1};
  const double mean = FirstActivation(law, frozen, glacial, 16).mean();
  CHECK(mean > 0.5 * half_activation_time(*law, frozen, glacial).value());
  CHECK(mean < half_activation_time(*law, frozen, glacial).value());
  // A negative post-shift closes the neuron for good with a positive probability.
  CHECK(FirstActivation(law, {.gamma = 0.2, .beta = -0.3, .alpha = -0.1}, decay, 1).mean() == INFINITY);
}

TEST_CASE("psBN with gamma = 0 wakes at a fixed step") {
  const LawPtr law = make_gaussian_law();
  const FirstActivation first(law, {.gamma = 0, .beta = -1, .alpha = 0.5},
                              {.learning_rate = 1, .weight_decay = 0.1}, 3);
  // 0.9^t < 0.5 first at t = 7, which step 8 sees.
  CHECK(first.survival(7) == 1);
  CHECK(first.survival(8) == 0);
  CHECK(first.quantile(0.5).value() == 8);
  CHECK(first.mean() == 8);
  CHECK(rejected_argument([&] { FirstActivation(law, {}, {}, 0); }) == "batch");
  CHECK(rejected_argument([&] { first.survival(-1); }) == "t");
  CHECK(rejected_argument([&] { first.quantile(1); }) == "probability");
}

TEST_CASE(
    "psBN: survival, quantiles and mean belong together over random parameters, for both signs of alpha") {
  std::mt19937_64 random(20011216);
  const auto uniform = [&](double from, double to) {
    return from + (to - from) * static_cast<double>(random() >> 11) * 0x1p-53;
  };
  const std::vector<LawPtr> laws = all_laws();
  for (int trial = 0; trial < 60; ++trial) {
    const LawPtr& law = laws[random() % laws.size()];
    const double sign = random() % 2 == 0 ? 1 : -1;
    const Neuron start{.gamma = (random() % 2 == 0 ? 1 : -1) * std::exp(uniform(-3, 1)),
                       .beta = uniform(-4, 1),
                       .alpha = sign * std::exp(uniform(-6, 0))};
    const WeightDecay decay{.learning_rate = 0.1, .weight_decay = std::exp(uniform(-9, -1))};
    const std::int64_t batch = 1 + static_cast<std::int64_t>(random() % 64);
    CAPTURE(bncollapse::fields::name_of(law->name()));
    CAPTURE(start.gamma);
    CAPTURE(start.beta);
    CAPTURE(start.alpha);
    CAPTURE(decay.weight_decay);
    CAPTURE(batch);
    const FirstActivation first(law, start, decay, batch);

    double before = 1;
    for (std::int64_t t = 0; t < 100'000'000; t += 1 + t / 2) {
      CAPTURE(t);
      const double now = first.survival(t);
      CHECK(now >= 0);
      CHECK(now <= before * (1 + 1e-9));
      before = now;
      if (t == 0) CHECK(now == 1);
      if (0 < t && t <= 5000) {
        const double product = survival_by_product(*law, start, decay, batch, t);
        CHECK(std::abs(now - product) <= 1e-8 * product + 1e-290);
      }
    }
    for (const double probability : {0.01, 0.5, 0.99}) {
      CAPTURE(probability);
      const std::optional<std::int64_t> reached = first.quantile(probability);
      if (reached) {
        CHECK(1 - first.survival(*reached) >= probability - 1e-9);
        CHECK(1 - first.survival(*reached - 1) < probability + 1e-9);
      } else {
        CHECK(1 - first.survival(1'000'000'000) < probability);
      }
    }
    const double mean = first.mean();
    CHECK(mean >= 1);
    if (sign < 0) {
      // A neuron that closes stays inactive for ever with positive probability, unless its first step is
      // active.
      const bool at_once = mean == 1 && first.survival(1) == 0;
      if (!at_once) CHECK(mean == INFINITY);
    } else if (mean < 5e4) {
      double sum = 0;
      double log = 0;
      for (double t = 0; log > -40; ++t) {
        sum += std::exp(log);
        log += static_cast<double>(batch) * log_inactive(*law, decayed_neuron(start, decay, t));
      }
      CHECK(relative_error(mean, sum) < 1e-12);
    }
  }
}

TEST_CASE("psBN: a neuron that closes keeps the survival that it has left") {
  // P of step 1 is 0.029, and P falls: the sum of P over all steps is finite.
  const Neuron start{.gamma = 1, .beta = -2, .alpha = -0.1};
  const WeightDecay decay{.learning_rate = 0.1, .weight_decay = 0.005};
  const FirstActivation first(make_gaussian_law(), start, decay, 1);
  const double product = survival_by_product(*make_gaussian_law(), start, decay, 1, 40'000);
  for (const std::int64_t t : {40'000, 1'000'000, 20'000'000})
    CHECK(relative_error(first.survival(t), product) < 1e-10);
}
