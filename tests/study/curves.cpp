#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "bncollapse/study/curve.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse::study;
using namespace bncollapse::study::testing;
using bncollapse::relative_error;

namespace {

/// The shares that are told while the curves are sampled.
std::vector<double> shares_of(const Json& curves) {
  Json json = small_spec();
  json["curves"] = curves;
  const Spec spec = parse(json);
  std::vector<double> shares;
  curve_samples(spec.resolved.at("curves"), spec.points, [&](double share) { shares.push_back(share); });
  return shares;
}

/// The samples of the curve by series, x and y in the order of the store.
std::map<std::string, std::vector<std::pair<double, double>>> samples_of(Json spec, const Json& curve) {
  spec["curves"] = Json::array({curve});
  const Spec parsed = parse(spec);
  std::map<std::string, std::vector<std::pair<double, double>>> series;
  for (const CurveSample& sample : curve_samples(parsed.resolved.at("curves"), parsed.points)) {
    CHECK(sample.curve == curve.at("curve").get<std::string>());
    series[sample.series].emplace_back(sample.x, sample.y);
  }
  return series;
}

/// Points with alpha 0 and 0.1 of an inactive neuron under decay alone: gamma 0.5, beta -1, k = 0.998.
Json decay_spec() {
  Json spec = small_spec();
  spec["model"] = {{"noise", {{"std", 0}}}};
  spec["optimizer"] = {{"name", "sgd"}, {"learning_rate", 0.1}, {"weight_decay", 0.02}};
  spec["initial"] = {{"kind", "point"}, {"gamma", 0.5}, {"beta", -1}};
  spec["simulation"] = {{"trajectories", 100}, {"steps", 1000}};
  spec["sweep"] = {{"axes", {{{"field", "model.alpha"}, {"values", {0, 0.1}}}}}};
  spec["checks"] = Json::array();
  return spec;
}

double gaussian_survival(double u) { return std::erfc(u / std::numbers::sqrt2) / 2; }

}  // namespace

TEST_CASE("curves tell how far they are, within each of them, too") {
  const Json kinds = {{{"curve", "drift_coefficient"}, {"count", 100}},
                      {{"curve", "activation_probability"}, {"count", 100}},
                      {{"curve", "exact_drift_ratio"}, {"count", 100}}};
  const auto is_steady = [](const std::vector<double>& shares) {
    return std::is_sorted(shares.begin(), shares.end()) && shares.front() == 0 && shares.back() < 1 &&
           shares.back() > 0.98;
  };
  for (const Json& curve : kinds) {
    CAPTURE(curve.dump());
    const std::vector<double> shares = shares_of(Json::array({curve}));
    CHECK(is_steady(shares));
    CHECK(std::count_if(shares.begin(), shares.end(),
                        [](double share) { return share > 0.4 && share < 0.6; }) >= 15);
  }
  CHECK(is_steady(shares_of(kinds)));
}

TEST_CASE("the steps of an optimizer's recursion count as a part of their curve") {
  // Adam with L2 takes learning_rate a step: 10^7 steps to 0.
  const std::vector<double> shares =
      shares_of({{{"curve", "inactive_decay"},
                  {"to", 0.5},
                  {"count", 3},
                  {"horizon", 10'000'000},
                  {"optimizers", {{{"name", "adam"}, {"learning_rate", 1e-7}, {"weight_decay", 1e-9}}}}}});
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0 && share < 1; }) >=
        4);
}

TEST_CASE("activation_under_decay: P stays with BN and rises with psBN, as the decayed threshold says") {
  const auto series = samples_of(decay_spec(), {{"curve", "activation_under_decay"}, {"count", 5}});
  REQUIRE(series.size() == 2);
  for (const auto& point : {std::pair{"point 0", 0.0}, {"point 1", 0.1}}) {
    const char* const name = point.first;  // Clang 14 captures no structured binding
    const double alpha = point.second;
    CAPTURE(name);
    REQUIRE(series.at(name).size() == 5);
    for (int i = 0; i < 5; ++i) {
      const auto [t, probability] = series.at(name)[static_cast<std::size_t>(i)];
      CHECK(t == 250 * i);
      const double k = std::pow(1 - 0.1 * 0.02, t);
      CHECK(relative_error(probability, gaussian_survival((k - alpha) / (0.5 * k))) <= 1e-13);
    }
  }
}

TEST_CASE("first_activation_survival: geometric with BN, less than that with psBN") {
  Json spec = decay_spec();
  spec["simulation"]["steps"] = 100;
  const auto series = samples_of(spec, {{"curve", "first_activation_survival"}, {"count", 5}});
  const double p = gaussian_survival(2);
  REQUIRE(series.at("point 0").size() == 5);
  for (int i = 0; i < 5; ++i) {
    const auto [t, survival] = series.at("point 0")[static_cast<std::size_t>(i)];
    CHECK(t == 25 * i);
    CHECK(relative_error(survival, std::pow(1 - p, t)) <= 1e-13);
  }
  CHECK(series.at("point 1").front().second == 1);
  CHECK(series.at("point 1").back().second < series.at("point 0").back().second);
}

TEST_CASE(
    "inactive_decay: each |gamma| at the first step that reaches it, of the points or of named optimizers") {
  const double k = 1 - 0.1 * 0.02;
  const auto of_points = samples_of(decay_spec(), {{"curve", "inactive_decay"}, {"to", 1e-3}, {"count", 9}});
  REQUIRE(of_points.size() == 2);
  for (const auto& point : of_points) {
    const auto& name = point.first;
    const auto& samples = point.second;
    CAPTURE(name);
    REQUIRE(samples.size() == 9);
    CHECK(samples.front() == std::pair{0.0, 0.5});
    for (std::size_t i = 1; i < samples.size(); ++i) {
      const auto [t, gamma] = samples[i];
      CHECK(relative_error(gamma, 0.5 * std::pow(1e-3 / 0.5, static_cast<double>(i) / 8)) <= 1e-14);
      CHECK(0.5 * std::pow(k, t) <= gamma * (1 + 1e-12));
      CHECK(0.5 * std::pow(k, t - 1) > gamma);
    }
  }

  // Adam with L2 and a fresh state takes 808 steps from 0.3 (docs/THEORY.md section 3, by direct simulation).
  Json spec = decay_spec();
  spec["bncollapse"] = 2;
  spec["initial"]["gamma"] = 0.3;
  const Json optimizers = {{{"name", "adam"}, {"learning_rate", 1e-3}, {"weight_decay", 1e-4}},
                           {{"name", "sgd"}, {"learning_rate", 0.1}, {"weight_decay", 0.05}}};
  const auto named =
      samples_of(spec, {{"curve", "inactive_decay"}, {"to", 1e-3}, {"count", 2}, {"optimizers", optimizers}});
  REQUIRE(named.size() == 2);
  CHECK(named.at("adam, weight decay 0.0001") ==
        std::vector<std::pair<double, double>>{{0, 0.3}, {808, 1e-3}});
  CHECK(named.at("sgd, weight decay 0.05").back().first == std::ceil(std::log(1e-3 / 0.3) / std::log(0.995)));
}

TEST_CASE("exact_drift_ratio: what mpmath finds for three steps at two thresholds") {
  Json spec = small_spec();
  spec["model"] = {{"noise", {{"law", "rademacher"}}}};
  const auto series = samples_of(
      spec, {{"curve", "exact_drift_ratio"}, {"u", {-1, 0.5}}, {"from", 0.05}, {"to", 0.2}, {"count", 3}});
  // The drift by mpmath's quadrature (30 digits) of E[P(gamma', beta')] - P over x, and A(u) in closed form.
  const std::map<std::string, std::vector<double>> known{
      {"u = -1", {1.0010682548770823, 1.0052006754228073, 1.042558173435527}},
      {"u = 0.5", {0.99824199091458747, 0.99187684180094732, 0.94395335743192901}}};
  REQUIRE(series.size() == 2);
  for (const auto& curve : known) {
    const auto& name = curve.first;
    const auto& ratios = curve.second;
    CAPTURE(name);
    REQUIRE(series.at(name).size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
      CAPTURE(i);
      CHECK(relative_error(series.at(name)[i].first, 0.05 * std::pow(2, static_cast<double>(i))) <= 1e-15);
      CHECK(relative_error(series.at(name)[i].second, ratios[i]) <= 1e-12);
    }
  }
}
