#include "bncollapse/theory/drift.hpp"

#include <map>
#include <numbers>

#include "characteristic_drift.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;
using bncollapse::relative_error;

namespace {

/// The neuron of gamma = 1 with threshold u.
Neuron at_threshold(double u) { return {.gamma = 1, .beta = -u}; }

double theorem1_over_exact(double epsilon, double u) {
  const LawPtr law = make_gaussian_law();
  const SgdStep step{.learning_rate = epsilon};
  return theorem1_drift(*law, at_threshold(u), {}, step) / exact_drift(*law, at_threshold(u), {}, step).value;
}

}  // namespace

TEST_CASE("A(u) of the Gaussian: closed form, value at 0, sign change") {
  const LawPtr law = make_gaussian_law();
  CHECK(relative_error(drift_coefficient(*law, 0), -1 / (2 * std::numbers::pi)) < 1e-14);
  CHECK(drift_coefficient(*law, 1.15325) < 0);
  CHECK(drift_coefficient(*law, 1.15335) > 0);
  // A(u) = -phi [phi (1 - u^4/2) + u (1 - u^2) Q / 2] with phi and Q of references.json.
  for (const auto& row : references()["moments"]) {
    if (row["law"] != "gaussian") continue;
    const double u = row["u"].get<double>();
    const double phi = number(row["pdf"]);
    const double q = number(row["upper"][0]);
    if (phi * phi == 0) continue;
    CAPTURE(u);
    const double expected = -phi * (phi * (1 - u * u * u * u / 2) + u * (1 - u * u) * q / 2);
    CHECK(relative_error(drift_coefficient(*law, u), expected) < 1e-13);
  }
  CHECK(drift_coefficient(*law, INFINITY) == 0);
  CHECK(drift_coefficient(*law, -INFINITY) == 0);
  CHECK(drift_coefficient(*law, 1e200) == 0);
}

TEST_CASE("the even average of a neuron is that of its A at both shifts, for either sign of gamma") {
  for (const LawPtr& law : {make_skew_normal_law(5), make_empirical_law({0, 1, 2, 4}, {3, 2, 1})}) {
    for (double gamma : {1.0, -1.0, -2.0}) {
      const auto a = [&](double shift) { return drift_coefficient(*law, Neuron{gamma, shift}); };
      const Neuron neuron{gamma, 0.3, 0.1};
      CHECK(relative_error(even_average_drift_coefficient(*law, neuron), 0.5 * (a(0.4) + a(-0.4))) < 1e-14);
    }
  }
}

// For small steps at u = 0 the change is that of the curvature, c = a x g^2: E[c^2]/E[c]^2 = E[x^2] E[g^4] /
// (E[x]^2 E[g^2]^2 P) over the active x > 0, whose E[x^2]/E[x]^2 is pi/2; kurtosis as in textbooks.
TEST_CASE("the share of trajectories that carries the drift") {
  const LawPtr law = make_gaussian_law();
  const auto share = [&](const Neuron& neuron, const Noise& noise, const SgdStep& step) {
    return carrying_share(change_moments(*law, neuron, noise, step), step.batch);
  };
  const SgdStep small{.learning_rate = 1e-3};
  const std::map<NoiseLaw, double> kurtosis{
      {NoiseLaw::gaussian, 3}, {NoiseLaw::rademacher, 1}, {NoiseLaw::uniform, 1.8}, {NoiseLaw::laplace, 6}};
  for (const auto& [noise, ratio] : kurtosis) {
    const double expected = 1 / (1 + std::numbers::pi / 2 * ratio / 0.5);
    CAPTURE(expected);
    const double found = share({}, {.law = noise}, small);
    CHECK(found > 0.85 * expected);
    CHECK(found < 1.15 * expected);
  }
  // Few active samples, more of a larger batch; heavy tails; thresholds that only large steps reach.
  CHECK(share(at_threshold(5), {}, small) < 2 * law->survival(5));
  CHECK(share(at_threshold(5), {}, small) > 1e-3 * law->survival(5));
  const SgdStep batch{.learning_rate = 64e-3, .batch = 64};
  CHECK(share(at_threshold(5), {}, batch) > 32 * share(at_threshold(5), {}, small));
  CHECK(share({}, {.law = NoiseLaw::student_t, .dof = 2.1}, small) < 1e-4);
  const LawPtr uniform = make_uniform_law();
  const Noise heavy{.law = NoiseLaw::student_t, .dof = 3};
  const auto moments = change_moments(*uniform, {.gamma = 1, .beta = 2.5}, heavy, {.learning_rate = 0.01});
  CHECK(carrying_share(moments, 1) < 1e-4);
  CHECK(carrying_share(change_moments(*uniform, at_threshold(2), {}, small), 1) == 0);
  // P is the smallest of numbers, and quantiles beyond it are infinite.
  CHECK(share(at_threshold(38.4), {}, small) >= 0);
  CHECK(share(at_threshold(38.4), {}, small) < 1e-300);
  // A leak: inactive samples move the neuron, the active ones far more.
  CHECK(share({.gamma = 1, .beta = -4.8, .leak = 0.1}, {}, {.learning_rate = 0.24}) < 0.01);
}

TEST_CASE("degrees of freedom that leave no variance but in the farthest tails are refused") {
  CHECK(rejected_argument([] { make_student_t_law(2.0000000001); }) == "dof");
  const LawPtr law = make_student_t_law(smallest_degrees_of_freedom);
  CHECK(rejected_argument([&] {
          exact_drift(*law, {}, {.law = NoiseLaw::student_t, .dof = 2.0000000001}, {});
        }) == "noise.dof");
  // P falls from nearly 1 to nearly 0 where the step's noise turns the shift over: -Pr[g > 1] = -0.158655...,
  // but for the tails of x.
  const Quadrature drift = exact_drift(*law, {.gamma = 1, .beta = 0.1}, {}, {.learning_rate = 0.1});
  CHECK(std::abs(drift.value + 0.15865525393145705) < 1e-4);
  CHECK(drift.error < 1e-9);
}

TEST_CASE("A(u) keeps its relative accuracy in the tails of every law") {
  // Eq. 4 with the density and moments of references.json, which are independent of the library.
  for (const auto& row : references()["moments"]) {
    const double u = row["u"].get<double>();
    if (row["pdf_derivative"].is_null() || std::abs(number(row["pdf"])) < 1e-150) continue;
    CAPTURE(row.dump());
    const double i0 = number(row["upper"][0]);
    const double i1 = number(row["upper"][1]);
    const double i2 = number(row["upper"][2]);
    const double first = -0.5 * number(row["pdf_derivative"]) * (i0 + u * (2 * i1 + u * i2));
    const double second = -number(row["pdf"]) * (i1 + u * i2);
    const double parameter = row["parameter"].get<double>();
    const LawPtr law =
        make_law({.law = bncollapse::fields::enumerator_of<LawName>(row["law"].get<std::string>()).value(),
                  .dof = parameter,
                  .shape = parameter});
    const double value = drift_coefficient(*law, u);
    CHECK(std::abs(value - (first + second)) < 1e-9 * (std::abs(first) + std::abs(second)));
  }
}

TEST_CASE("the even average is negative for the Gaussian at every u, not for the uniform law") {
  const LawPtr gaussian = make_gaussian_law();
  for (double u = 0; u <= 25; u += 0.01) {
    CAPTURE(u);
    CHECK(even_average_drift_coefficient(*gaussian, u) < 0);
    CHECK(even_average_drift_coefficient(*gaussian, u) == even_average_drift_coefficient(*gaussian, -u));
  }
  const LawPtr uniform = make_uniform_law();
  const double change = std::sqrt(1.5);
  for (double u = 0.01; u < std::sqrt(3.0) - 1e-9; u += 0.01) {
    CAPTURE(u);
    if (u < change - 1e-9) CHECK(even_average_drift_coefficient(*uniform, u) < 0);
    if (u > change + 1e-9) CHECK(even_average_drift_coefficient(*uniform, -u) > 0);
  }
  CHECK(drift_coefficient(*uniform, 2) == 0);
}

TEST_CASE("a linear rectifier in closed form, a leaky one in between") {
  const LawPtr law = make_gaussian_law();
  for (double u : {-2.0, -0.4, 0.3, 1.7}) {
    // slope 1: I0 = I2 = 1, I1 = 0, so A = u p (u^2 - 1) / 2.
    CHECK(relative_error(drift_coefficient(*law, u, 1), u * law->pdf(u) * (u * u - 1) / 2) <= 1e-14);
  }
  CHECK(relative_error(drift_coefficient(*law, 0, 0.1), -(1 - 0.01) / (2 * std::numbers::pi)) <= 1e-15);
}

TEST_CASE("reflection: gamma < 0 equals gamma > 0 under the reflected law") {
  const LawPtr right = make_skew_normal_law(2);
  const LawPtr left = make_skew_normal_law(-2);
  const Neuron positive{.gamma = 0.8, .beta = -0.3, .alpha = 0.1};
  Neuron negative = positive;
  negative.gamma = -0.8;
  const Noise noise{.mean = 0.4};
  const SgdStep step{.learning_rate = 0.02};
  CHECK(drift_coefficient(*right, negative) == drift_coefficient(*left, positive));
  CHECK(theorem1_drift(*right, negative, noise, step) == theorem1_drift(*left, positive, noise, step));
  CHECK(signal_drift(*right, negative, noise, step) == signal_drift(*left, positive, noise, step));
  const Quadrature a = exact_drift(*right, negative, noise, step);
  const Quadrature b = exact_drift(*left, positive, noise, step);
  CHECK(std::abs(a.value - b.value) <= a.error + b.error);
}

TEST_CASE("the exact drift depends on eta sigma / gamma alone at fixed u") {
  const LawPtr law = make_gaussian_law();
  const Quadrature one = exact_drift(*law, {.gamma = 1, .beta = 0.5}, {.std = 1}, {.learning_rate = 0.03});
  const Quadrature other = exact_drift(*law, {.gamma = 4, .beta = 2}, {.std = 3}, {.learning_rate = 0.04});
  CHECK(std::abs(one.value - other.value) <= one.error + other.error);
  CHECK(relative_error(
            expansion_parameter({.gamma = 4, .beta = 2}, {.std = 3}, {.learning_rate = 0.04, .batch = 9}),
            0.01) <= 1e-15);
}

TEST_CASE("the exact drift agrees with a two-dimensional integral at high precision") {
  const LawPtr law = make_gaussian_law();
  for (const auto& row : references()["exact_drifts"]) {
    CAPTURE(row.dump());
    const Quadrature drift = exact_drift(*law, at_threshold(row["u"].get<double>()), {},
                                         {.learning_rate = row["learning_rate"].get<double>()});
    const double expected = number(row["drift"]);
    CHECK(relative_error(drift.value, expected) < 1e-9);
    CHECK(std::abs(drift.value - expected) <= drift.error + 1e-12 * std::abs(expected));
  }
}

TEST_CASE("two independent methods agree for every law of x and of the noise") {
  for (const LawPtr& law : {make_gaussian_law(), make_student_t_law(5), make_laplace_law(),
                            make_uniform_law(), make_skew_normal_law(2)}) {
    for (const NoiseLaw noise_law : noise_laws) {
      const Noise noise{.law = noise_law};
      // One law of x is enough for the slow inversion of heavy-tailed noise.
      if (noise_law == NoiseLaw::student_t && law->name() != LawName::gaussian) continue;
      const double eta = 0.01;
      const double u = 0.6;
      CAPTURE(bncollapse::fields::name_of(law->name()));
      CAPTURE(bncollapse::fields::name_of(noise_law));
      const Quadrature direct = exact_drift(*law, at_threshold(u), noise, {.learning_rate = eta});
      const Quadrature inverted = characteristic_drift(*law, at_threshold(u), noise, {1, -u, eta}, 1, {});
      CAPTURE(direct.value);
      CAPTURE(direct.error);
      CAPTURE(inverted.value);
      CAPTURE(inverted.error);
      CHECK(direct.error < 1e-6 * std::abs(direct.value));
      CHECK(std::abs(direct.value - inverted.value) <= direct.error + inverted.error);
      CHECK(inverted.error < 5e-3 * std::abs(direct.value));
    }
  }
}

TEST_CASE("mean gradient, leak and weight decay: both methods, and the signal term to first order") {
  const LawPtr law = make_gaussian_law();
  const Neuron neuron{.gamma = 0.9, .beta = -0.4, .alpha = 0.2, .leak = 0.3};
  const Noise noise{.law = NoiseLaw::laplace, .mean = 0.5, .std = 0.8};
  const SgdStep step{.learning_rate = 0.01, .weight_decay = 0.5};
  const Quadrature direct = exact_drift(*law, neuron, noise, step);
  const double keep = 1 - 0.01 * 0.5;
  const Quadrature inverted =
      characteristic_drift(*law, neuron, noise, {keep * 0.9, keep * -0.4 + 0.2, 0.01}, 1, {});
  const double decay =
      activation_probability(*law, {.gamma = keep * 0.9, .beta = keep * -0.4, .alpha = 0.2}) -
      activation_probability(*law, neuron);
  CHECK(std::abs(direct.value - decay - inverted.value) <= direct.error + inverted.error + 1e-15);

  // The remainder after the first-order term is of order eta^2.
  const auto remainder = [&](double eta) {
    const SgdStep small{.learning_rate = eta};
    return exact_drift(*law, neuron, noise, small).value - signal_drift(*law, neuron, noise, small);
  };
  CHECK(relative_error(remainder(1e-3) / remainder(5e-4), 4) <= 0.003);
  CHECK(relative_error(signal_drift(*law, neuron, noise, {.learning_rate = 1e-3}),
                       exact_drift(*law, neuron, noise, {.learning_rate = 1e-6}).value * 1e3) <= 1e-5);
}

TEST_CASE("the exact drift goes to Theorem 1, the rest being of order epsilon^2 relative") {
  for (const LawPtr& law : {make_gaussian_law(), make_logistic_law(), make_student_t_law(8),
                            make_laplace_law(), make_skew_normal_law(1)}) {
    for (const NoiseLaw noise_law : noise_laws) {
      const Noise noise{.law = noise_law, .dof = 12};
      CAPTURE(bncollapse::fields::name_of(law->name()));
      CAPTURE(bncollapse::fields::name_of(noise_law));
      const auto deviation = [&](double epsilon) {
        const SgdStep step{.learning_rate = epsilon};
        const Neuron neuron = at_threshold(0.5);
        return exact_drift(*law, neuron, noise, step).value / theorem1_drift(*law, neuron, noise, step) - 1;
      };
      CHECK(std::abs(deviation(0.004)) < 2e-3);
      CHECK(relative_error(deviation(0.004) / deviation(0.002), 4) <= 0.01);
    }
  }
}

TEST_CASE("batches: Theorem 1 in the limit, the same limit law for large m, error bounds that hold") {
  const LawPtr law = make_gaussian_law();
  const double epsilon = 0.01;
  for (const std::int64_t batch : {2, 5, 128, 1000, 1000000}) {
    const SgdStep step{.learning_rate = epsilon * std::sqrt(static_cast<double>(batch)), .batch = batch};
    for (double u : {-1.0, 0.0, 0.8}) {
      CAPTURE(batch);
      CAPTURE(u);
      const Quadrature exact = exact_drift(*law, at_threshold(u), {}, step);
      const double theorem1 = theorem1_drift(*law, at_threshold(u), {}, step);
      CHECK(exact.error < 1e-4 * std::abs(exact.value));
      CHECK(std::abs(exact.value / theorem1 - 1) < 30 * epsilon * epsilon);
    }
  }
  // One rademacher sample against two: the law of the sum matters at order epsilon^4 only.
  const Noise rademacher{.law = NoiseLaw::rademacher};
  const double one = exact_drift(*law, at_threshold(0), rademacher, {.learning_rate = 0.01}).value;
  const double two =
      exact_drift(*law, at_threshold(0), rademacher, {.learning_rate = 0.01 * std::sqrt(2.0), .batch = 2})
          .value;
  CHECK(relative_error(one / two, 1) <= 2e-4);
  CHECK(one != two);
}

TEST_CASE("range of Theorem 1 as measured: epsilon = 0.05 and 0.1") {
  CHECK(std::abs(theorem1_over_exact(0.05, 0) - 1) < 0.012);
  CHECK(std::abs(theorem1_over_exact(0.05, -1) - 1) < 0.012);
  CHECK(relative_error(std::abs(1 / theorem1_over_exact(0.05, 1.5) - 1), 0.0353) <= 0.0015);
  // Beside the zero of A at 1.1533 the relative deviation grows.
  CHECK(relative_error(std::abs(1 / theorem1_over_exact(0.05, 1) - 1), 0.134) <= 0.004);
  CHECK(std::abs(1 / theorem1_over_exact(0.1, 0) - 1) < 0.06);

  const LawPtr law = make_gaussian_law();
  const DriftPrediction near = predict_drift(*law, at_threshold(0), {}, {.learning_rate = 0.05});
  CHECK(near.in_range);
  CHECK(near.activation_probability == 0.5);
  CHECK(near.epsilon == 0.05);
  CHECK(relative_error(near.theorem1, -0.0025 / (2 * std::numbers::pi)) <= 1e-15);
  CHECK_FALSE(predict_drift(*law, at_threshold(0), {}, {.learning_rate = 0.5}).in_range);
  CHECK_FALSE(predict_drift(*law, at_threshold(0), {}, {.learning_rate = 0.05}, 1e-3).in_range);
  // A point whose deviation equals the tolerance within the quadrature's error is not in range.
  CHECK_FALSE(predict_drift(*law, at_threshold(0), {}, {.learning_rate = 0.01}, 0).in_range);
}

TEST_CASE("no step, no noise, gamma = 0, small and large steps") {
  const LawPtr law = make_gaussian_law();
  CHECK(exact_drift(*law, at_threshold(0.3), {}, {.learning_rate = 0}).value == 0);
  CHECK(exact_drift(*law, at_threshold(0.3), {.std = 0}, {}).value == 0);
  CHECK(exact_drift(*law, {.gamma = 0, .beta = -1}, {}, {.learning_rate = 0.1}).value == 0);
  // gamma = 0, beta > 0: the neuron is active; P = 1 can only fall.
  const Quadrature open = exact_drift(*law, {.gamma = 0, .beta = 0.1}, {}, {.learning_rate = 0.1});
  CHECK(open.value < 0);
  CHECK(open.value > -1);
  CHECK(open.error < 1e-6);
  // Tiny steps keep their relative accuracy.
  for (double epsilon : {1e-6, 1e-4}) {
    const Quadrature tiny = exact_drift(*law, at_threshold(0.5), {}, {.learning_rate = epsilon});
    CHECK(tiny.error < 1e-5 * std::abs(tiny.value));
    CHECK(relative_error(tiny.value / theorem1_drift(*law, at_threshold(0.5), {}, {.learning_rate = epsilon}),
                         1) <= 1e-7);
  }
  // A huge step: any finite answer must be a difference of probabilities.
  const Quadrature huge = exact_drift(*law, at_threshold(0.5), {}, {.learning_rate = 1e6});
  CHECK(std::abs(huge.value) <= 1);
  CHECK(std::isfinite(huge.error));
  // Deep in the tail.
  const Quadrature deep = exact_drift(*law, at_threshold(8), {}, {.learning_rate = 1e-4});
  CHECK(relative_error(deep.value / theorem1_drift(*law, at_threshold(8), {}, {.learning_rate = 1e-4}), 1) <=
        2e-3);
  CHECK(exact_drift(*law, at_threshold(60), {}, {.learning_rate = 1e-3}).value == 0);
}

TEST_CASE("weight decay alone moves P of psBN by the difference of its probabilities") {
  const LawPtr law = make_gaussian_law();
  const Neuron neuron{.gamma = 0.5, .beta = -1, .alpha = 0.1};
  const SgdStep step{.learning_rate = 0.1, .weight_decay = 0.01};
  const double after = activation_probability(*law, {.gamma = 0.4995, .beta = -0.999, .alpha = 0.1});
  const Quadrature decay = exact_drift(*law, neuron, {.std = 0}, step);
  CHECK(relative_error(decay.value, after - activation_probability(*law, neuron)) <= 1e-10);
  CHECK(decay.value > 0);
  CHECK(exact_drift(*law, {.gamma = 0.5, .beta = -1}, {.std = 0}, step).value == 0);
}

TEST_CASE("noise names go both ways") {
  for (const NoiseLaw law : noise_laws)
    CHECK(bncollapse::fields::enumerator_of<NoiseLaw>(bncollapse::fields::name_of(law)) == law);
  CHECK_FALSE(bncollapse::fields::enumerator_of<NoiseLaw>("normal"));
}

TEST_CASE("the exact drift's error bounds the true one over 20 orders of epsilon for six laws") {
  for (const auto& row : drift_references()["exact_drifts"]) {
    CAPTURE(row.dump());
    const double parameter = row["parameter"].get<double>();
    const LawPtr law =
        make_law({.law = bncollapse::fields::enumerator_of<LawName>(row["law"].get<std::string>()).value(),
                  .dof = parameter,
                  .shape = parameter});
    const Noise noise{
        .law = bncollapse::fields::enumerator_of<NoiseLaw>(row["noise"].get<std::string>()).value()};
    const auto batch = row["batch"].get<std::int64_t>();
    const double expected = number(row["drift"]);
    const Quadrature drift =
        exact_drift(*law, at_threshold(row["u"].get<double>()), noise,
                    {.learning_rate = row["learning_rate"].get<double>(), .batch = batch});
    CAPTURE(drift.value);
    CAPTURE(drift.error);
    CHECK(std::abs(drift.value - expected) <= drift.error);
    CHECK(std::abs(drift.value) <= 1);
    // One sample: accurate everywhere, not only honest.
    if (batch == 1) CHECK(drift.error <= 1e-8 * std::abs(expected));
  }
}
