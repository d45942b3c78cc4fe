#include "bncollapse/theory/neuron.hpp"

#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;
using bncollapse::relative_error;

TEST_CASE("the activation probability at known points") {
  const LawPtr law = make_gaussian_law();
  CHECK(activation_probability(*law, {}) == 0.5);
  CHECK(activation_probability(*law, {.gamma = 2, .beta = -2}) == law->survival(1));
  CHECK(activation_probability(*law, {.gamma = -2, .beta = -2}) == law->cdf(-1));
  CHECK(activation_probability(*law, {.gamma = 1, .beta = -0.5, .alpha = 0.5}) == 0.5);
  CHECK(activation_probability(*law, {.gamma = 0, .beta = 1}) == 1);
  CHECK(activation_probability(*law, {.gamma = 0, .beta = -1}) == 0);
  CHECK(activation_probability(*law, {.gamma = 0, .beta = 0}) == 0);
  CHECK(activation_probability(*law, {.gamma = 5e-324, .beta = 1}) == 1);
  CHECK(activation_probability(*law, {.gamma = -5e-324, .beta = -1}) == 0);
}

TEST_CASE("a negative gamma is a reflection of x") {
  const LawPtr right = make_skew_normal_law(3);
  const LawPtr left = make_skew_normal_law(-3);
  for (double beta : {-1.5, -0.2, 0.0, 0.7}) {
    const Neuron negative{.gamma = -0.8, .beta = beta, .alpha = 0.1, .leak = 0.3};
    const Neuron positive{.gamma = 0.8, .beta = beta, .alpha = 0.1, .leak = 0.3};
    CHECK(activation_probability(*right, negative) == activation_probability(*left, positive));
    const RectifierMoments a = rectifier_moments(*right, negative);
    const RectifierMoments b = rectifier_moments(*left, positive);
    CHECK(a.i0 == b.i0);
    CHECK(a.i1 == -b.i1);
    CHECK(a.i2 == b.i2);
    CHECK(a.s1 == -b.s1);
  }
}

TEST_CASE("the gradient of P agrees with finite differences") {
  const double h = 1e-5;  // error of a central difference: h^2/6 P''' < 1e-9
  for (const LawPtr& law : all_laws()) {
    CAPTURE(bncollapse::fields::name_of(law->name()));
    for (double gamma : {0.7, -1.3}) {
      for (double beta : {-0.6, 0.15, 1.1}) {
        const Neuron neuron{.gamma = gamma, .beta = beta, .alpha = 0.05};
        const auto at = [&](double dgamma, double dbeta) {
          Neuron moved = neuron;
          moved.gamma += dgamma;
          moved.beta += dbeta;
          return activation_probability(*law, moved);
        };
        const Gradient gradient = activation_probability_gradient(*law, neuron);
        CHECK(std::abs(gradient.gamma - (at(h, 0) - at(-h, 0)) / (2 * h)) < 1e-8);
        CHECK(std::abs(gradient.beta - (at(0, h) - at(0, -h)) / (2 * h)) < 1e-8);
      }
    }
  }
  const LawPtr law = make_gaussian_law();
  CHECK(activation_probability_gradient(*law, {.gamma = 0, .beta = 1}).beta == 0);
  CHECK(activation_probability_gradient(*law, {.gamma = 1e-300, .beta = 1}).gamma == 0);
  CHECK(rejected_argument([&] { activation_probability_gradient(*law, {.gamma = 0}); }) == "gamma");
}

TEST_CASE("rectifier moments: ReLU in closed form, a linear rectifier, gamma = 0") {
  const LawPtr law = make_gaussian_law();
  const double u = 0.7;
  const RectifierMoments relu = rectifier_moments(*law, {.gamma = 1, .beta = -u});
  CHECK(relative_error(relu.i0, law->survival(u)) <= 1e-14);
  CHECK(relative_error(relu.i1, law->pdf(u)) <= 1e-14);
  CHECK(relative_error(relu.i2, law->survival(u) + u * law->pdf(u)) <= 1e-14);
  CHECK(relu.s2 == relu.i2);
  const RectifierMoments linear = rectifier_moments(*law, {.gamma = 1, .beta = -u, .leak = 1});
  CHECK(relative_error(linear.i0, 1) <= 1e-15);
  CHECK(std::abs(linear.i1) < 1e-15);
  CHECK(relative_error(linear.i2, 1) <= 1e-15);
  const RectifierMoments leaky = rectifier_moments(*law, {.gamma = 1, .beta = -u, .leak = 0.1});
  CHECK(relative_error(leaky.i0, law->survival(u) + 0.01 * law->cdf(u)) <= 1e-15);
  CHECK(relative_error(leaky.s0, law->survival(u) + 0.1 * law->cdf(u)) <= 1e-15);
  const RectifierMoments inactive = rectifier_moments(*law, {.gamma = 0, .beta = -1, .leak = 0.5});
  CHECK(relative_error(inactive.i0, 0.25) <= 1e-15);
  CHECK(relative_error(inactive.s2, 0.5) <= 1e-15);
  const RectifierMoments active = rectifier_moments(*law, {.gamma = 0, .beta = 1});
  CHECK(active.i2 == 1);
}
