#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "bncollapse/study/curve.hpp"
#include "support.hpp"

using namespace bncollapse::study;
using namespace bncollapse::study::testing;

namespace {

/// The shares that are told while the curves are sampled.
std::vector<double> shares_of(const Json& curves) {
  Json json = small_spec();
  json["curves"] = curves;
  const Spec spec = parse(json);
  std::vector<double> shares;
  curve_samples(spec.resolved.at("curves"), sweep_points(spec),
                [&](double share) { shares.push_back(share); });
  return shares;
}

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
                  {"optimizers", {{{"name", "adam_l2"}, {"learning_rate", 1e-7}, {"weight_decay", 1e-9}}}}}});
  CHECK(std::is_sorted(shares.begin(), shares.end()));
  CHECK(std::count_if(shares.begin(), shares.end(), [](double share) { return share > 0 && share < 1; }) >=
        4);
}
