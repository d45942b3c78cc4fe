#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::sim {

/// A sample mean with the standard error of that mean (0 for a single trajectory's spread that is unknown is
/// never reported: with one trajectory `standard_error` is infinite).
struct Mean {
  double mean = 0;
  double standard_error = 0;
  std::int64_t count = 0;
};

/// Counts over equal bins; what lies outside is counted, not dropped.
struct Histogram {
  Bins bins;
  std::vector<std::int64_t> counts;
  std::int64_t below = 0, above = 0;

  std::int64_t total() const;
  /// By linear interpolation within the bin, exact to one bin width; infinite where it falls outside the
  /// bins.
  double quantile(double probability) const;
};

/// counts[i * y.count + j]: bin i of x, bin j of y.
struct Histogram2d {
  Bins x, y;
  std::vector<std::int64_t> counts;
  std::int64_t outside = 0;
};

struct RecordHistograms {
  Histogram gamma, beta, u;
  Histogram2d gamma_beta;
};

/// Of consecutive trajectories.
struct GroupMean {
  double mean = 0;
  std::int64_t count = 0;
};

/// Estimates over all trajectories after `step` steps.
struct Record {
  std::int64_t step = 0;
  Mean probability;                            ///< E[P_t]
  Mean probability_change;                     ///< the drift E[P_t - P_0]
  std::optional<Mean> change_antithetic;       ///< the same mean, from antithetic pairs
  std::optional<Mean> change_control_variate;  ///< the same mean, with the martingale control variate
  Mean gamma, beta;
  Mean collapsed_share;      ///< |gamma| and P below their thresholds
  Mean small_gamma_share;    ///< |gamma| below its threshold
  Mean rarely_active_share;  ///< P below its threshold
  std::optional<RecordHistograms> histograms;
  /// By group, of the most precise recorded estimate of the drift: antithetic, else control variate, else
  /// plain.
  std::vector<GroupMean> change_by_group;
};

/// Times in steps, over [1, steps]; `never` trajectories had none.
struct TimeHistogram {
  std::int64_t bin_width = 1;  ///< bin i holds times in (i w, (i + 1) w]
  std::vector<std::int64_t> counts;
  std::int64_t never = 0;
};

struct PathPoint {
  std::int64_t path = 0, step = 0;
  double gamma = 0, beta = 0;
};

/// The probability that P falls below its threshold at some step in [1, steps], by splitting.
struct RareCollapse {
  Mean probability;       ///< count: replicas
  std::int64_t work = 0;  ///< trajectory-steps taken
};

struct Estimates {
  std::vector<Record> records;
  std::optional<TimeHistogram> first_activation;
  std::optional<TimeHistogram> collapse_time;
  std::vector<PathPoint> paths;
  std::optional<RareCollapse> rare_collapse;
};

}  // namespace bncollapse::sim
