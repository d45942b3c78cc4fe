#include <doctest/doctest.h>

#include <limits>
#include <numeric>

#include "bncollapse/theory/law.hpp"
#include "host/record.hpp"
#include "relative_error.hpp"
#include "support.hpp"

using namespace bncollapse;
using namespace bncollapse::sim;
using namespace bncollapse::sim::testing;

TEST_CASE("histograms: bins are half open, nothing is dropped") {
  Histogram histogram{{0, 1, 4}, std::vector<std::int64_t>(4), 0, 0};
  for (const double value :
       {-0.1, 0.0, 0.2499, 0.25, 0.9999999999999999, 1.0, 5.0, std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity()}) {
    count(histogram, value);
  }
  CHECK(histogram.counts == std::vector<std::int64_t>{2, 1, 0, 1});
  CHECK(histogram.below == 2);
  CHECK(histogram.above == 3);
  CHECK(histogram.total() == 9);

  Histogram2d plane{{0, 1, 2}, {-1, 1, 3}, std::vector<std::int64_t>(6), 0};
  count(plane, 0.6, -0.9);
  count(plane, 0.1, 0.99);
  count(plane, 0.1, 1);
  CHECK(plane.counts == std::vector<std::int64_t>{0, 0, 1, 1, 0, 0});
  CHECK(plane.outside == 1);
}

TEST_CASE("histograms: quantiles by interpolation") {
  Histogram histogram{{0, 4, 4}, {1, 0, 2, 1}, 0, 0};
  CHECK(histogram.quantile(0) == 0);
  CHECK(relative_error(histogram.quantile(0.125), 0.5) <= 1e-15);
  CHECK(relative_error(histogram.quantile(0.5), 2.5) <= 1e-15);
  CHECK(relative_error(histogram.quantile(1), 4) <= 1e-15);
  histogram.below = 4;
  histogram.above = 2;
  CHECK(histogram.quantile(0.1) == -std::numeric_limits<double>::infinity());
  CHECK(relative_error(histogram.quantile(0.45), 0.5) <= 1e-15);
  CHECK(histogram.quantile(0.9) == std::numeric_limits<double>::infinity());
}

TEST_CASE("histograms: of a normal start against the normal law") {
  Experiment experiment = plain_experiment();
  experiment.initial = InitialNormal{0.5, 0.2, -0.1, 0.4};
  experiment.trajectories = 100'000;
  experiment.recording.steps = {0, 1};
  experiment.recording.histograms = true;
  experiment.recording.gamma_bins = {-0.5, 1.5, 50};
  experiment.recording.beta_bins = {-2, 2, 50};
  experiment.recording.u_bins = {-10, 10, 50};
  experiment.recording.gamma_bins_2d = {-0.5, 1.5, 10};
  experiment.recording.beta_bins_2d = {-2, 2, 8};
  const Estimates estimates = cpu_engine().run(experiment);
  const auto law = theory::make_gaussian_law();
  const auto check = [&](const Histogram& histogram, double mean, double deviation_of_law) {
    double chi_square = 0;
    const double n = static_cast<double>(experiment.trajectories);
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      const double width = (histogram.bins.upper - histogram.bins.lower) / 50;
      const double lower = histogram.bins.lower + width * static_cast<double>(i);
      const double expected = n * (law->cdf((lower + width - mean) / deviation_of_law) -
                                   law->cdf((lower - mean) / deviation_of_law));
      if (expected > 5)
        chi_square += std::pow(static_cast<double>(histogram.counts[i]) - expected, 2) / expected;
    }
    CHECK(chi_square < 50 + 5 * std::sqrt(100.0));  // 50 degrees of freedom at most
    CHECK(histogram.total() == experiment.trajectories);
  };
  const RecordHistograms& start = *estimates.records[0].histograms;
  check(start.gamma, 0.5, 0.2);
  check(start.beta, -0.1, 0.4);
  CHECK(start.u.total() == experiment.trajectories);
  const auto& plane = start.gamma_beta;
  CHECK(std::accumulate(plane.counts.begin(), plane.counts.end(), plane.outside) == experiment.trajectories);
  // Rows of the plane are sums of gamma's bins, where beta lies inside (5 standard deviations: nearly
  // always).
  std::int64_t row = 0;
  for (std::size_t j = 0; j < 8; ++j) row += plane.counts[5 * 8 + j];
  std::int64_t gamma_share = 0;
  for (std::size_t i = 25; i < 30; ++i) gamma_share += start.gamma.counts[i];
  CHECK(std::abs(row - gamma_share) < 5);
  CHECK(estimates.records[1].histograms->gamma.counts != start.gamma.counts);
}

TEST_CASE("starts: uniform, even ratio and table") {
  Experiment experiment = plain_experiment();
  experiment.steps = 0;
  experiment.recording.steps = {};
  experiment.precision = Precision::float64;
  experiment.trajectories = 20'000;
  experiment.initial = InitialUniform{-1, 3, 2, 2};
  std::vector<double> gamma, square, ratio, fourth;
  for (const State& state : final_states(experiment)) {
    CHECK_UNARY(state.gamma >= -1 && state.gamma <= 3 && state.beta == 2);
    gamma.push_back(state.gamma);
    square.push_back(std::pow(state.gamma - 1, 2));
  }
  CHECK(std::fabs(deviation(sample_mean(gamma), 1)) < allowed_deviation);
  CHECK(std::fabs(deviation(sample_mean(square), 16.0 / 12)) < allowed_deviation);

  using Law = InitialEvenRatio::Law;
  // Fourth moments of the standardised laws: 3, 9/5, 1.
  for (const auto& [law, kurtosis] :
       {std::pair{Law::gaussian, 3.0}, {Law::uniform, 1.8}, {Law::rademacher, 1.0}}) {
    experiment.initial = InitialEvenRatio{-0.5, law, 2};
    ratio.clear();
    square.clear();
    fourth.clear();
    for (const State& state : final_states(experiment)) {
      CHECK_UNARY(state.gamma == -0.5);
      const double r = state.beta / state.gamma / 2;
      ratio.push_back(r);
      square.push_back(r * r);
      fourth.push_back(r * r * r * r);
    }
    const auto near = [](const std::vector<double>& sample, double expected) {
      const Mean mean = sample_mean(sample);
      return std::fabs(mean.mean - expected) <= allowed_deviation * mean.standard_error + 1e-12;
    };
    CHECK(near(ratio, 0));
    CHECK(near(square, 1));
    CHECK(near(fourth, kurtosis));
  }

  experiment.initial = InitialTable{{1, 2, 3}, {-1, -2, -3}};
  experiment.trajectories = 200;
  const auto states = final_states(experiment);
  for (std::size_t i = 0; i < states.size(); ++i) {
    CHECK_UNARY(states[i].gamma == static_cast<double>(i % 3 + 1));
    CHECK_UNARY(states[i].beta == -static_cast<double>(i % 3 + 1));
  }
}

TEST_CASE("paths: as many and as dense as asked for") {
  Experiment experiment = plain_experiment();
  experiment.trajectories = 3000;
  experiment.steps = 10;
  experiment.recording.steps = {4, 10};
  experiment.recording.paths = 1500;
  experiment.recording.path_stride = 4;
  const Estimates estimates = cpu_engine().run(experiment);
  REQUIRE(estimates.paths.size() == 1500 * 3);
  for (std::size_t i = 0; i < estimates.paths.size(); ++i) {
    CHECK_UNARY(estimates.paths[i].path == static_cast<std::int64_t>(i / 3));
    CHECK_UNARY(estimates.paths[i].step == static_cast<std::int64_t>(i % 3 * 4));
  }
  // Looking at paths changes nothing else.
  experiment.recording.paths = 0;
  const Estimates plain = cpu_engine().run(experiment);
  CHECK(plain.records[1].probability.mean == estimates.records[1].probability.mean);
  CHECK(plain.records[1].gamma.standard_error == estimates.records[1].gamma.standard_error);
}
