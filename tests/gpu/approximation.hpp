// What the approximate mode is held against: the exact one, over other draws, in combined standard errors.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::sim::testing {

/// One that uses each of the approximate functions: the normal pairs, the logarithm and the direction of
/// other laws, the densities of the control variate, the roots and quotients of Adam and of the batch limit;
/// and one in which some neurons wait.
inline std::vector<Experiment> approximation_experiments(std::int64_t trajectories) {
  Experiment plain;
  plain.precision = Precision::float32;
  plain.optimizer.learning_rate = 0.05;
  plain.initial = InitialPoint{1, -0.5};
  plain.trajectories = trajectories;
  plain.steps = 100;
  plain.recording.steps = {1, 10, 100};
  plain.recording.histograms = true;
  plain.recording.gamma_bins = {0.605, 1.405, 80};
  plain.recording.beta_bins = {-1, 0, 80};
  plain.recording.u_bins = {-0.5, 1.5, 80};
  plain.seed = 7;
  std::vector<Experiment> found(6, plain);
  found[1].recording.control_variate = found[1].recording.antithetic = true;
  found[2].model.x_law = theory::make_laplace_law();
  found[2].model.noise.law = theory::NoiseLaw::student_t;
  found[3].optimizer.name = theory::OptimizerName::adamw;
  found[3].optimizer.learning_rate = 0.01;
  found[4].model.batch = 8;
  found[4].model.batch_mode = BatchMode::gaussian_limit;
  found[5].rejection_free = true;
  found[5].initial = InitialNormal{1, 0.1, -2.5, 0.5};
  found[5].recording.beta_bins = {-4, -1, 80};
  found[5].recording.u_bins = {1, 4, 80};
  return found;
}

inline Experiment with_other_draws(Experiment experiment) {
  experiment.random_stream = 1;
  return experiment;
}

/// Of some 200 comparisons one passes 5 standard errors by chance once in 1e4 runs.
inline constexpr double agreement = 5;

inline void check_equal_means(const Mean& a, const Mean& b) {
  const double deviation = (a.mean - b.mean) / std::hypot(a.standard_error, b.standard_error);
  CAPTURE(a.mean);
  CAPTURE(b.mean);
  CHECK(std::fabs(deviation) < agreement);
}

/// Two histograms of as many values each, by chi-square over the bins that hold 25 or more: it sees every
/// moment. In standard deviations by Wilson and Hilferty (The distribution of chi-square, PNAS 17, 1931).
inline void check_equal_histograms(const Histogram& a, const Histogram& b) {
  REQUIRE(a.total() == b.total());
  double square = 0;
  int freedom = -1;
  for (std::size_t i = 0; i < a.counts.size(); ++i) {
    const auto sum = static_cast<double>(a.counts[i] + b.counts[i]);
    const auto difference = static_cast<double>(a.counts[i] - b.counts[i]);
    if (sum < 25) continue;
    square += difference * difference / sum;
    ++freedom;
  }
  REQUIRE(freedom >= 1);
  const double variance = 2.0 / (9 * freedom);
  const double deviation = (std::cbrt(square / freedom) - (1 - variance)) / std::sqrt(variance);
  CAPTURE(square);
  CAPTURE(freedom);
  CHECK(deviation < agreement);
}

inline void check_agreement(const Estimates& a, const Estimates& b) {
  REQUIRE(a.records.size() == b.records.size());
  for (std::size_t i = 0; i < a.records.size(); ++i) {
    const Record &x = a.records[i], &y = b.records[i];
    CAPTURE(x.step);
    check_equal_means(x.probability, y.probability);
    check_equal_means(x.probability_change, y.probability_change);
    check_equal_means(x.gamma, y.gamma);
    check_equal_means(x.beta, y.beta);
    if (x.change_antithetic) check_equal_means(*x.change_antithetic, *y.change_antithetic);
    if (x.change_control_variate) check_equal_means(*x.change_control_variate, *y.change_control_variate);
    check_equal_histograms(x.histograms->gamma, y.histograms->gamma);
    check_equal_histograms(x.histograms->beta, y.histograms->beta);
    check_equal_histograms(x.histograms->u, y.histograms->u);
  }
}

}  // namespace bncollapse::sim::testing
