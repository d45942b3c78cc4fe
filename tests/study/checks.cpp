#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "bncollapse/study/judge.hpp"
#include "bncollapse/study/quantity.hpp"
#include "relative_error.hpp"
#include "schema/field_schema.hpp"
#include "spec/neuron_spec.hpp"

using namespace bncollapse::study;
using bncollapse::relative_error;

namespace {

/// A check with its defaults filled in, as a resolved spec holds it.
Json resolved_check(const Json& check) {
  for (const Field& field : neuron_schema().fields) {
    if (field.name == "checks") return resolve(field.value, Json::array({check}), {"spec.json"});
  }
  return {};
}

std::vector<Verdict> judged(const Json& check, std::vector<StoredPoint> points) {
  for (std::size_t i = 0; i < points.size(); ++i) points[i].summary.index = static_cast<std::int64_t>(i);
  return judge({{{"checks", resolved_check(check)}}, std::move(points)});
}

Outcome outcome(const Json& check, const std::vector<StoredPoint>& points) {
  return judged(check, points).front().outcome;
}

/// A point whose one-step drift was measured as `mean` +- `error` and predicted as given.
StoredPoint drift_point(double mean, double error, double exact, double theorem1, bool in_range = true) {
  StoredPoint point;
  point.summary.precision = "float64";
  point.summary.trajectories = 1000;
  point.estimates[quantity::probability_change][1] = {mean, error, 1000};
  point.predictions[quantity::drift_exact] = {exact, 0};
  point.predictions[quantity::drift_theorem1] = {theorem1, 0};
  point.predictions[quantity::in_range] = {in_range ? 1.0 : 0.0, 0};
  point.predictions[quantity::rounding] = {0, 0};
  point.predictions[quantity::epsilon] = {0.01, 0};
  point.predictions[quantity::drift_coefficient] = {-0.16, 0};
  return point;
}

constexpr double drift = -1.6e-5;

/// Points on drift = -c x^exponent, each with the relative error given.
std::vector<StoredPoint> power_law(double exponent, double error) {
  std::vector<StoredPoint> points;
  for (const double x : {0.005, 0.007, 0.01, 0.014, 0.02}) {
    const double value = -0.16 * std::pow(x, exponent);
    points.push_back(drift_point(value, std::abs(value) * error, value, value));
    points.back().summary.parameters = {{"optimizer.learning_rate", x}};
    points.back().predictions[quantity::epsilon] = {x, 0};
  }
  return points;
}

}  // namespace

TEST_CASE("a prediction too uncertain to tell right from wrong decides nothing, unless it fails even so") {
  // The quadrature's error is 2.2 times the prediction: neither the true drift nor a planted false one
  // passes.
  for (const double share : {0.3, 1.0, 2.2, 100.0}) {
    for (const char* check : {"drift_exact", "even_law_negative"}) {
      CAPTURE(share);
      CAPTURE(check);
      StoredPoint point = drift_point(drift, std::abs(drift) * 1e-3, drift, drift);
      point.predictions[quantity::drift_exact] = {drift, share * std::abs(drift)};
      const std::vector<Verdict> verdicts = judged({{"check", check}}, {point});
      CHECK(verdicts.back().outcome == Outcome::inconclusive);
      CHECK(verdicts.back().note.find("too large to tell") != std::string::npos);
    }
  }
  for (const double error : {0.0, 0.1, 0.25, 0.3, 0.6, 1.0, 2.2, 10.0}) {
    for (const double factor : {-1.0, 3.0}) {
      // Whatever the error hides, and with the largest standard error that still decides.
      for (const double truth : {1 - error, 1.0, 1 + error}) {
        for (const double noise : {-4.0, 0.0, 4.0}) {
          CAPTURE(error);
          CAPTURE(factor);
          CAPTURE(truth);
          const double standard_error = 0.0999 * std::abs(drift);
          StoredPoint point =
              drift_point(drift * truth + noise * standard_error, standard_error, drift, drift);
          point.predictions[quantity::drift_exact] = {drift, error * std::abs(drift)};
          CHECK(outcome({{"check", "drift_exact"}, {"factor", factor}}, {point}) != Outcome::pass);
          if (truth == 1 && noise == 0) CHECK(outcome({{"check", "drift_exact"}}, {point}) != Outcome::fail);
        }
      }
    }
  }
  // Far outside even that, it fails.
  StoredPoint far = drift_point(10 * drift, std::abs(drift) * 1e-3, drift, drift);
  far.predictions[quantity::drift_exact] = {drift, 2.2 * std::abs(drift)};
  CHECK(outcome({{"check", "drift_exact"}}, {far}) == Outcome::fail);
}

TEST_CASE("drift_exact: pass, fail, inconclusive") {
  const Json check = {{"check", "drift_exact"}};
  CHECK(outcome(check, {drift_point(drift * 1.01, -drift * 0.01, drift, drift)}) == Outcome::pass);
  CHECK(outcome(check, {drift_point(drift * 1.05, -drift * 0.01, drift, drift)}) == Outcome::fail);
  CHECK(outcome(check, {drift_point(drift, -drift * 0.2, drift, drift)}) == Outcome::inconclusive);
  CHECK(outcome({{"check", "drift_exact"}, {"factor", 1.1}},
                {drift_point(drift, -drift * 0.01, drift, drift)}) == Outcome::fail);
  // An infinite standard error (one trajectory) tells nothing.
  CHECK(outcome(check, {drift_point(drift, INFINITY, drift, drift)}) == Outcome::inconclusive);
}

TEST_CASE("drift_exact: chance fails a true prediction at the stated rate, not above") {
  std::mt19937_64 bits(1);
  std::normal_distribution<double> deviate;
  constexpr int runs = 20000, points_a_run = 5;
  int failed = 0;
  for (int run = 0; run < runs; ++run) {
    std::vector<StoredPoint> points;
    for (int i = 0; i < points_a_run; ++i) {
      points.push_back(drift_point(drift * (1 + 0.01 * deviate(bits)), -drift * 0.01, drift, drift));
    }
    failed += exit_code(judged({{"check", "drift_exact"}, {"false_alarm", 0.02}}, points)) == 1 ? 1 : 0;
  }
  // 1 - (1 - 0.02/5)^5 = 0.01984 of 20000 runs; five binomial standard errors.
  CHECK(relative_error(failed, 396.8) <= 5 * std::sqrt(396.8) / 396.8);
}

TEST_CASE("drift_theorem1: the truncation is allowed, and a point out of range never passes") {
  const Json check = {{"check", "drift_theorem1"}};
  CHECK(outcome(check, {drift_point(drift * 1.03, -drift * 1e-4, drift * 1.03, drift)}) == Outcome::pass);
  CHECK(outcome(check, {drift_point(drift * 1.07, -drift * 1e-4, drift * 1.03, drift)}) == Outcome::fail);
  const auto outside = judged(check, {drift_point(drift, -drift * 1e-4, drift, drift, false)});
  CHECK(outside.front().outcome == Outcome::out_of_range);
  CHECK(exit_code(outside) == 4);
  const Json wanted = {{"check", "drift_theorem1"}, {"allow_out_of_range", true}};
  CHECK(exit_code(judged(wanted, {drift_point(drift, -drift * 1e-4, drift, drift, false)})) == 0);
}

TEST_CASE("drift checks: an approximated step is out of range") {
  StoredPoint point = drift_point(drift, -drift * 0.01, drift, drift);
  point.summary.approximation = "the step of a batch is drawn from its Gaussian limit";
  CHECK(outcome({{"check", "drift_exact"}}, {point}) == Outcome::out_of_range);
}

TEST_CASE("the best estimator is the one with the smallest standard error") {
  StoredPoint point = drift_point(drift, -drift * 0.5, drift, drift);
  point.estimates[quantity::probability_change_antithetic][1] = {drift, -drift * 0.01, 1000};
  CHECK(judged({{"check", "drift_exact"}}, {point}).front().field ==
        "probability_change_antithetic at step 1");
  CHECK(outcome({{"check", "drift_exact"}, {"estimator", "plain"}}, {point}) == Outcome::inconclusive);
  CHECK(outcome({{"check", "drift_exact"}, {"estimator", "control_variate"}}, {point}) ==
        Outcome::inconclusive);
}

TEST_CASE("exponent: found, refused when false, inconclusive when wide, only in-range points") {
  const auto check = [](double expected) -> Json {
    return {{"check", "exponent"}, {"of", "optimizer.learning_rate"}, {"expect", expected}};
  };
  CHECK(outcome(check(2), power_law(2, 0.003)) == Outcome::pass);
  CHECK(relative_error(judged(check(2), power_law(2, 0.003)).front().measured, 2) <= 1e-13);
  CHECK(outcome(check(2.1), power_law(2, 0.003)) == Outcome::fail);
  CHECK(outcome(check(2), power_law(2, 0.03)) == Outcome::inconclusive);
  CHECK(exit_code(judged(check(2.1), power_law(2, 0.003))) == 1);
  auto points = power_law(2, 0.003);
  points.back() = drift_point(-1, 0.003, -1, -1, false);
  points.back().summary.parameters = {{"optimizer.learning_rate", 0.02}};
  CHECK(outcome(check(2), points) == Outcome::pass);
  for (StoredPoint& point : points) point.predictions[quantity::in_range] = {0, 0};
  CHECK(outcome(check(2), points) == Outcome::out_of_range);
}

TEST_CASE("data_collapse: exponent and prefactor") {
  const auto good = judged({{"check", "data_collapse"}}, power_law(2, 0.003));
  REQUIRE(good.size() == 2);
  CHECK(good[0].outcome == Outcome::pass);
  CHECK(good[1].outcome == Outcome::pass);
  auto scaled = power_law(2, 0.003);
  for (StoredPoint& point : scaled) point.estimates[quantity::probability_change][1].mean *= 1.2;
  const auto shifted = judged({{"check", "data_collapse"}}, scaled);
  CHECK(shifted[0].outcome == Outcome::pass);
  CHECK(shifted[1].outcome == Outcome::fail);
  CHECK(outcome({{"check", "data_collapse"}, {"expect", 1}}, power_law(2, 0.003)) == Outcome::fail);
}

TEST_CASE("even_law_negative: the sign and the size") {
  const Json check = {{"check", "even_law_negative"}};
  const auto negative = judged(check, {drift_point(drift, -drift * 0.01, drift, drift)});
  REQUIRE(negative.size() == 2);
  CHECK(negative[0].outcome == Outcome::pass);
  CHECK(negative[1].outcome == Outcome::pass);
  CHECK(outcome(check, {drift_point(-drift, -drift * 0.01, -drift, -drift)}) == Outcome::fail);
  CHECK(outcome(check, {drift_point(drift, -drift, drift, drift)}) == Outcome::inconclusive);
  CHECK(outcome({{"check", "even_law_negative"}, {"expect", "positive"}},
                {drift_point(drift, -drift * 0.01, drift, drift)}) == Outcome::fail);
}

namespace {

/// gamma_t and beta_t of pure decay, k = 0.999, with relative disturbances.
StoredPoint decayed_point(double gamma_factor, double beta_factor) {
  StoredPoint point;
  point.summary.precision = "float64";
  point.summary.gamma = 0.5;
  point.summary.beta = -2;
  point.summary.u = 4;
  for (const std::int64_t step : {0, 100, 1000}) {
    const double decay = std::pow(0.999, static_cast<double>(step));
    point.estimates[quantity::gamma][step] = {0.5 * decay * (step == 0 ? 1 : gamma_factor), 0, 100};
    point.estimates[quantity::beta][step] = {-2 * decay * (step == 0 ? 1 : beta_factor), 0, 100};
    point.series[quantity::gamma][step] = 0.5 * decay;
  }
  return point;
}

}  // namespace

TEST_CASE("decay_ratio and decay_rate: exact to rounding, or fail") {
  CHECK(outcome({{"check", "decay_ratio"}}, {decayed_point(1, 1)}) == Outcome::pass);
  CHECK(outcome({{"check", "decay_rate"}}, {decayed_point(1, 1)}) == Outcome::pass);
  CHECK(outcome({{"check", "decay_ratio"}}, {decayed_point(1, 1 + 1e-9)}) == Outcome::fail);
  CHECK(outcome({{"check", "decay_rate"}}, {decayed_point(1 + 1e-9, 1)}) == Outcome::fail);
  CHECK(outcome({{"check", "decay_rate"}, {"factor", 1.01}}, {decayed_point(1, 1)}) == Outcome::fail);
  StoredPoint noisy = decayed_point(1, 1);
  for (auto& [step, mean] : noisy.estimates[quantity::gamma]) mean.standard_error = 0.01;
  CHECK(outcome({{"check", "decay_rate"}}, {noisy}) == Outcome::inconclusive);

  // A float's rounding over 10^8 steps is larger than what the decay does: no factor can be told from
  // another.
  StoredPoint slow;
  slow.summary.precision = "float32";
  slow.summary.trajectories = 100;
  slow.summary.gamma = 0.5;
  for (const std::int64_t step : {std::int64_t{0}, std::int64_t{100'000'000}}) {
    const double decay = std::exp(-1e-9 * static_cast<double>(step));
    slow.estimates[quantity::gamma][step] = {0.5 * decay, 0, 100};
    slow.series[quantity::gamma][step] = 0.5 * decay;
  }
  CHECK(outcome({{"check", "decay_rate"}}, {slow}) == Outcome::inconclusive);
  CHECK(outcome({{"check", "decay_rate"}, {"factor", 3}}, {slow}) == Outcome::inconclusive);
  slow.summary.precision = "float64";
  CHECK(outcome({{"check", "decay_rate"}}, {slow}) == Outcome::pass);
  CHECK(outcome({{"check", "decay_rate"}, {"factor", 3}}, {slow}) == Outcome::fail);
}

TEST_CASE("decay_ratio: means of the same trajectories may depend on each other") {
  // A deviation of 3.3 times the sum of the standard errors, 4.7 times that of errors that do not depend on
  // each other.
  StoredPoint point = decayed_point(1, 1 + 0.8e-6);
  for (auto* means : {&point.estimates[quantity::gamma], &point.estimates[quantity::beta]}) {
    for (auto& [step, mean] : *means) mean.standard_error = std::abs(mean.mean) * 1.2e-7;
  }
  CHECK(outcome({{"check", "decay_ratio"}}, {point}) == Outcome::pass);
  point = decayed_point(1, 1 + 2e-6);
  for (auto* means : {&point.estimates[quantity::gamma], &point.estimates[quantity::beta]}) {
    for (auto& [step, mean] : *means) mean.standard_error = std::abs(mean.mean) * 1.2e-7;
  }
  CHECK(outcome({{"check", "decay_ratio"}}, {point}) == Outcome::fail);
}

TEST_CASE("a drift that few trajectories carry decides nothing, unless it is off even so") {
  const auto carried = [](double mean, double error, double carriers) {
    StoredPoint point = drift_point(mean, error, drift, drift);
    point.predictions[quantity::carrying_share] = {carriers / 1000, 0};
    return point;
  };
  for (const char* name : {"drift_exact", "drift_theorem1"}) {
    const Json check = {{"check", name}};
    // None of an expected 3 was active; of an expected 100, a measurement of 0 is news.
    CHECK(outcome(check, {carried(0, 0, 3)}) == Outcome::inconclusive);
    CHECK(outcome(check, {carried(0, 0, 100)}) == Outcome::fail);
    CHECK(outcome(check, {carried(drift, -drift * 0.01, 3)}) == Outcome::inconclusive);
    CHECK(outcome(check, {carried(drift, -drift * 0.01, 500)}) == Outcome::pass);
    CHECK(outcome({{"check", name}, {"factor", 3}}, {carried(drift, -drift * 0.01, 500)}) == Outcome::fail);
  }
  std::vector<StoredPoint> points = power_law(2, 0.001);
  const Json exponent = {
      {"check", "exponent"}, {"of", "optimizer.learning_rate"}, {"expect", 2}, {"tolerance", 0.01}};
  CHECK(outcome(exponent, points) == Outcome::pass);
  for (StoredPoint& point : points) point.predictions[quantity::carrying_share] = {1e-3, 0};
  CHECK(outcome(exponent, points) == Outcome::inconclusive);
}

TEST_CASE("points are grouped by their values, however close they are") {
  std::vector<StoredPoint> points;
  for (const std::int64_t seed : {20011216, 20011217}) {
    for (StoredPoint point : power_law(seed == 20011216 ? 2.0 : 1.0, 0.001)) {
      point.summary.parameters["seed"] = seed;
      points.push_back(point);
    }
  }
  const auto verdicts = judged(
      {{"check", "exponent"}, {"of", "optimizer.learning_rate"}, {"expect", 2}, {"tolerance", 0.01}}, points);
  REQUIRE(verdicts.size() == 2);
  CHECK(verdicts[0].outcome == Outcome::pass);
  CHECK(verdicts[0].claim.find("seed = 20011216") != std::string::npos);
  CHECK(verdicts[1].outcome == Outcome::fail);
  CHECK(verdicts[1].claim.find("seed = 20011217") != std::string::npos);
}

TEST_CASE("where gamma is no normal number decay is not judged") {
  StoredPoint point = decayed_point(1, 1);
  point.predictions[quantity::activation_probability] = {1e-6, 0};
  for (auto& [step, mean] : point.estimates[quantity::gamma]) mean.mean = 3e-320;
  for (auto& [step, gamma] : point.series[quantity::gamma]) gamma = 5e-320;
  point.estimates[quantity::probability][1000] = {0.16, 0, 100};
  for (const char* check : {"decay_ratio", "decay_rate", "no_reactivation"})
    CHECK(outcome({{"check", check}}, {point}) == Outcome::inconclusive);
}

TEST_CASE("half_time: the crossing of 1/2 between two records") {
  StoredPoint point;
  point.predictions[quantity::t_half] = {1000, 0};
  for (const std::int64_t step : {0, 980, 1010, 2000}) {
    point.estimates[quantity::probability][step] = {static_cast<double>(step) / 2000, 0, 100};
  }
  const Json check = {{"check", "half_time"}};
  CHECK(outcome(check, {point}) == Outcome::pass);
  CHECK(relative_error(judged(check, {point}).front().measured, 1000) <= 1e-15);
  CHECK(outcome({{"check", "half_time"}, {"factor", 1.1}}, {point}) == Outcome::fail);
  point.estimates[quantity::probability].erase(1010);
  CHECK(outcome(check, {point}) == Outcome::inconclusive);
  point.estimates[quantity::probability].erase(2000);
  CHECK(outcome(check, {point}) == Outcome::inconclusive);
}

TEST_CASE("optimizer_decay_time: the median of the collapse times") {
  StoredPoint point;
  point.summary.precision = "float64";
  point.predictions[quantity::inactive_steps_to_threshold] = {805, 0};
  point.times[quantity::collapse_time] = {10, std::vector<std::int64_t>(200, 0), 0};
  point.times[quantity::collapse_time].counts[80] = 500;  // steps 801 to 810
  const Json check = {{"check", "optimizer_decay_time"}};
  CHECK(outcome(check, {point}) == Outcome::pass);
  CHECK(outcome({{"check", "optimizer_decay_time"}, {"factor", 1.02}}, {point}) == Outcome::fail);
  point.times[quantity::collapse_time].never = 501;
  CHECK(outcome(check, {point}) == Outcome::fail);
  point.predictions.clear();
  CHECK(outcome(check, {point}) == Outcome::inconclusive);
}

namespace {

/// Geometric first activation times of the rate `drawn`, predicted with the rate `predicted`.
StoredPoint geometric_point(double drawn, double predicted, std::int64_t count) {
  StoredPoint point;
  point.summary.steps = 200;
  TimeCounts times{10, std::vector<std::int64_t>(20, 0), 0};
  std::mt19937_64 bits(7);
  std::geometric_distribution<std::int64_t> waiting(drawn);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t time = waiting(bits) + 1;
    if (time > 200)
      ++times.never;
    else
      ++times.counts[static_cast<std::size_t>((time - 1) / 10)];
  }
  point.times[quantity::first_activation] = times;
  for (std::int64_t end = 10; end <= 200; end += 10) {
    point.series[quantity::first_activation_survival][end] =
        std::pow(1 - predicted, static_cast<double>(end));
  }
  return point;
}

}  // namespace

TEST_CASE("reactivation_times: the law, a wrong law, too few times") {
  const Json check = {{"check", "reactivation_times"}};
  const auto right = judged(check, {geometric_point(0.01, 0.01, 20000)});
  REQUIRE(right.size() == 2);
  CHECK(right[0].outcome == Outcome::pass);
  CHECK(right[1].outcome == Outcome::pass);
  const auto wrong = judged(check, {geometric_point(0.01, 0.0115, 20000)});
  CHECK(wrong[0].outcome == Outcome::fail);
  CHECK(wrong[1].outcome == Outcome::fail);
  CHECK(judged({{"check", "reactivation_times"}, {"factor", 1.15}}, {geometric_point(0.01, 0.01, 20000)})[0]
            .outcome == Outcome::fail);
  CHECK(judged(check, {geometric_point(0.01, 0.01, 200)})[0].outcome == Outcome::inconclusive);
}

TEST_CASE("reactivation_times: steps at which all are active, or none, decide nothing, whatever the factor") {
  for (const double rate : {1e-9, 0.9}) {
    for (const double factor : {1.0, 3.0, 1.0 / 3}) {
      CAPTURE(rate);
      CAPTURE(factor);
      const auto verdicts =
          judged({{"check", "reactivation_times"}, {"factor", factor}}, {geometric_point(rate, rate, 20000)});
      REQUIRE(verdicts.size() == 1);
      CHECK(verdicts[0].outcome == Outcome::out_of_range);
      CHECK(exit_code(verdicts) == 4);
    }
  }
  CHECK(exit_code(judged({{"check", "reactivation_times"}, {"allow_out_of_range", true}},
                         {geometric_point(1e-9, 1e-9, 20000)})) == 0);
}

TEST_CASE("no_reactivation: P stays, to rounding") {
  StoredPoint point = decayed_point(1, 1);
  point.predictions[quantity::activation_probability] = {1e-6, 0};
  point.predictions[quantity::rounding] = {1e-21, 0};
  point.estimates[quantity::probability][1000] = {1e-6 * (1 + 1e-12), 0, 100};
  CHECK(outcome({{"check", "no_reactivation"}}, {point}) == Outcome::pass);
  point.estimates[quantity::probability][1000].mean = 1.001e-6;
  CHECK(outcome({{"check", "no_reactivation"}}, {point}) == Outcome::fail);
}

TEST_CASE("estimators_agree: at the step where they differ most") {
  StoredPoint point = drift_point(drift, -drift * 0.1, drift, drift);
  point.estimates[quantity::probability_change][10] = {10 * drift, -drift, 1000};
  point.estimates[quantity::probability_change_antithetic][1] = {drift * 1.05, -drift * 0.01, 1000};
  point.estimates[quantity::probability_change_antithetic][10] = {10 * drift, -drift, 1000};
  CHECK(outcome({{"check", "estimators_agree"}}, {point}) == Outcome::pass);
  point.estimates[quantity::probability_change_antithetic][10].mean = 20 * drift;
  const auto apart = judged({{"check", "estimators_agree"}}, {point});
  CHECK(apart.front().outcome == Outcome::fail);
  CHECK(apart.front().field == "probability_change_antithetic at step 10");
}

namespace {

/// Two learning rates whose drifts are -1e-6 and -4e-6 exactly. Their groups of trajectories share the noise
/// `common`, far larger than the drifts; the second point's groups have `own` more.
std::vector<StoredPoint> common_stream_points(const std::vector<double>& common,
                                              const std::vector<double>& own) {
  const double drifts[] = {-1e-6, -4e-6};
  std::vector<StoredPoint> points;
  for (const bool second : {false, true}) {
    StoredPoint point = drift_point(drifts[second], 1e-5, drifts[second], drifts[second]);
    point.summary.parameters = {{"optimizer.learning_rate", second ? 0.02 : 0.01}};
    for (std::size_t i = 0; i < common.size(); ++i)
      point.groups[1].push_back({drifts[second] + common[i] + (second ? own[i] : 0), 250});
    points.push_back(point);
  }
  return points;
}

}  // namespace

TEST_CASE("difference: paired by groups of common streams, so that their noise does not count") {
  const Json check = {{"check", "difference"}, {"of", "optimizer.learning_rate"}};
  const std::vector<double> common{1e-4, -3e-4, 2e-4, 0};
  const double s = 1e-8;
  const auto verdicts = judged(check, common_stream_points(common, {s, -s, s, -s}));
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].outcome == Outcome::pass);
  CHECK(verdicts[0].point == 1);
  CHECK(relative_error(verdicts[0].measured, -3e-6) <= 1e-12);
  CHECK(relative_error(verdicts[0].predicted.value(), -3e-6) <= 1e-15);
  // Four differences of standard deviation s sqrt(4/3).
  CHECK(relative_error(verdicts[0].standard_error, s / std::sqrt(3)) <= 1e-10);
  CHECK(verdicts[0].note.find("times that of independent streams") != std::string::npos);

  auto wrong = common_stream_points(common, {s, -s, s, -s});
  wrong[1].predictions[quantity::drift_exact] = {-4.2e-6, 0};
  CHECK(outcome(check, wrong) == Outcome::fail);
  // Noise of its own as large as the difference decides nothing.
  CHECK(outcome(check, common_stream_points(common, {3e-6, -3e-6, 3e-6, -3e-6})) == Outcome::inconclusive);
  auto unrecorded = common_stream_points(common, {s, -s, s, -s});
  unrecorded[0].groups.clear();
  CHECK(outcome(check, unrecorded) == Outcome::inconclusive);
}

TEST_CASE("trend: rises, falls, cannot be told, goes back on the way") {
  const auto points = [](const std::vector<double>& shares, double error) {
    std::vector<StoredPoint> result;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      StoredPoint point;
      point.summary.parameters = {{"optimizer.learning_rate", static_cast<double>(i) + 1}};
      point.estimates[quantity::collapsed_share][1] = {0, 0, 100};
      point.estimates[quantity::collapsed_share][100] = {shares[i], error, 100};
      result.push_back(point);
    }
    return result;
  };
  const auto check = [](const char* direction) -> Json {
    return {{"check", "trend"},
            {"quantity", "collapsed_share"},
            {"of", "optimizer.learning_rate"},
            {"direction", direction}};
  };
  CHECK(outcome(check("rises"), points({0.1, 0.2, 0.3}, 0.01)) == Outcome::pass);
  CHECK(outcome(check("falls"), points({0.1, 0.2, 0.3}, 0.01)) == Outcome::fail);
  CHECK(outcome(check("rises"), points({0.1, 0.2, 0.3}, 0.1)) == Outcome::inconclusive);
  CHECK(outcome(check("rises"), points({0.1, 0.3, 0.2}, 0.01)) == Outcome::fail);
}
