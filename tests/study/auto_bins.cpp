#include <doctest/doctest.h>

#include "bncollapse/study/point.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

/// 100 steps of batches of 4: the noise of SGD at learning rate 0.01 has the standard deviation 0.05.
Json histogram_spec() {
  Json spec = small_spec();
  spec.erase("sweep");
  spec["checks"] = Json::array();
  spec["model"] = {{"batch", {{"size", 4}}}};
  spec["optimizer"] = {{"name", "sgd"}, {"learning_rate", 0.01}};
  spec["initial"] = {{"kind", "point"}, {"gamma", 1}, {"beta", 0.5}};
  spec["simulation"] = {{"trajectories", 1000}, {"steps", 100}, {"histograms", Json::object()}};
  return spec;
}

sim::Recording recording_of(const Json& spec) { return parse(spec).points.at(0).experiment.recording; }

void check_ends(const sim::Bins& bins, double lower, double upper) {
  CHECK(relative_error(bins.lower, lower) <= 1e-14);
  CHECK(relative_error(bins.upper, upper) <= 1e-14);
}

void check_ends(const Json& spec, sim::Bins gamma, sim::Bins beta) {
  const sim::Recording recording = recording_of(spec);
  for (const sim::Bins& bins : {recording.gamma_bins, recording.gamma_bins_2d})
    check_ends(bins, gamma.lower, gamma.upper);
  for (const sim::Bins& bins : {recording.beta_bins, recording.beta_bins_2d})
    check_ends(bins, beta.lower, beta.upper);
}

}  // namespace

TEST_CASE("automatic ends: five standard deviations of the optimizer's noise around a point") {
  Json spec = histogram_spec();
  check_ends(spec, {0.75, 1.25}, {0.25, 0.75});
  check_ends(recording_of(spec).u_bins, -10, 10);
  spec["model"]["noise"] = {{"mean", -0.25}};  // 0.01 * 0.25 * 100 more on either side
  check_ends(spec, {0.5, 1.5}, {0, 1});
  spec["model"].erase("noise");
  spec["optimizer"]["name"] = "momentum";  // 1/(1 - 0.9)
  check_ends(spec, {-1.5, 3.5}, {-2, 3});
  spec["optimizer"]["name"] = "adamw";  // 0.01 a step, whatever the gradient
  check_ends(spec, {0.5, 1.5}, {0, 1});
}

TEST_CASE("automatic ends: around the ends of the initial law, and 0 is inside under decay") {
  Json spec = histogram_spec();
  spec["initial"] = {
      {"kind", "normal"}, {"gamma_mean", 2}, {"gamma_std", 0.1}, {"beta_mean", -1}, {"beta_std", 0.2}};
  check_ends(spec, {1.25, 2.75}, {-2.25, 0.25});
  spec["initial"] = {
      {"kind", "uniform"}, {"gamma_lower", 1}, {"gamma_upper", 2}, {"beta_lower", -3}, {"beta_upper", -2}};
  check_ends(spec, {0.75, 2.25}, {-3.25, -1.75});
  spec["initial"] = {{"kind", "even_ratio"}, {"law", "gaussian"}, {"gamma", 2}, {"ratio_std", 0.5}};
  check_ends(spec, {1.75, 2.25}, {-5.25, 5.25});
  spec["initial"] = {{"kind", "point"}, {"gamma", 0.5}, {"beta", -10}};
  spec["optimizer"]["weight_decay"] = 0.01;
  check_ends(spec, {-0.25, 0.75}, {-10.25, 0.25});
  check_ends(recording_of(spec).u_bins, -22, 22);  // u is 20
}

TEST_CASE("automatic ends: one that is given stays, and a neuron that does not move has room") {
  Json spec = histogram_spec();
  spec["simulation"]["histograms"] = {{"gamma", {{"lower", 0}, {"count", 7}}}};
  const sim::Recording recording = recording_of(spec);
  CHECK(recording.gamma_bins.lower == 0);
  CHECK(recording.gamma_bins.count == 7);
  CHECK(relative_error(recording.gamma_bins.upper, 1.25) <= 1e-14);
  CHECK(relative_error(recording.gamma_bins_2d.lower, 0.75) <= 1e-14);
  spec["simulation"]["histograms"] = Json::object();
  spec["model"]["noise"] = {{"std", 0}};
  check_ends(spec, {0.99, 1.01}, {0.495, 0.505});
}
