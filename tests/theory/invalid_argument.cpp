#include "bncollapse/theory/invalid_argument.hpp"

#include <cmath>

#include "bncollapse/theory/decay.hpp"
#include "support.hpp"

using namespace bncollapse::theory;
using namespace bncollapse::theory::test;

TEST_CASE("InvalidArgument carries the argument's name and the whole message") {
  const InvalidArgument error("sigma", "is -1; it must be finite and 0 or more");
  CHECK(error.argument() == "sigma");
  CHECK(std::string(error.what()) == "sigma is -1; it must be finite and 0 or more");
}

TEST_CASE("impossible arguments are named") {
  const LawPtr law = make_gaussian_law();
  const auto drift = [&](const Neuron& neuron, const Noise& noise, const SgdStep& step) {
    return rejected_argument([&] { exact_drift(*law, neuron, noise, step); });
  };
  CHECK(drift({.gamma = NAN}, {}, {}) == "gamma");
  CHECK(drift({.beta = INFINITY}, {}, {}) == "beta");
  CHECK(drift({.alpha = NAN}, {}, {}) == "alpha");
  CHECK(drift({.beta = 1e308}, {}, {}) == "beta");
  CHECK(drift({.leak = -0.1}, {}, {}) == "leak");
  CHECK(drift({.leak = 1.1}, {}, {}) == "leak");
  CHECK(drift({}, {.std = -1}, {}) == "noise.std");
  CHECK(drift({}, {.std = NAN}, {}) == "noise.std");
  CHECK(drift({}, {.mean = INFINITY}, {}) == "noise.mean");
  CHECK(drift({}, {.law = NoiseLaw::student_t, .dof = 2}, {}) == "noise.dof");
  CHECK(drift({}, {}, {.learning_rate = NAN}) == "learning_rate");
  CHECK(drift({}, {}, {.learning_rate = -0.1}) == "learning_rate");
  CHECK(drift({}, {}, {.weight_decay = -1}) == "weight_decay");
  CHECK(drift({}, {}, {.batch = 0}) == "batch");
  CHECK(drift({}, {}, {}) == "");

  CHECK(rejected_argument([] { make_student_t_law(2); }) == "dof");
  CHECK(rejected_argument([] { make_student_t_law(NAN); }) == "dof");
  CHECK(rejected_argument([] { make_skew_normal_law(INFINITY); }) == "shape");
  CHECK(rejected_argument([&] { drift_coefficient(*law, NAN); }) == "u");
  CHECK(rejected_argument([&] { drift_coefficient(*law, 0, 2); }) == "leak");
  CHECK(rejected_argument([&] { drift_coefficient(*law, Neuron{.gamma = 0}); }) == "gamma");
  CHECK(rejected_argument([&] { theorem1_drift(*law, {.gamma = 0}, {}, {}); }) == "gamma");
  CHECK(rejected_argument([&] { predict_drift(*law, {}, {}, {}, -1); }) == "range_tolerance");
  for (const LawPtr& each : all_laws()) {
    CHECK(rejected_argument([&] { each->upper_moment(3, 0); }) == "k");
    CHECK(rejected_argument([&] { each->lower_moment(-1, 0); }) == "k");
    CHECK(rejected_argument([&] { each->quantile(1.5); }) == "probability");
    CHECK(rejected_argument([&] { each->upper_quantile(NAN); }) == "probability");
    CHECK(rejected_argument([&] { each->pdf(NAN); }) == "x");
    CHECK(rejected_argument([&] { each->upper_moment(0, NAN); }) == "u");
  }
}
