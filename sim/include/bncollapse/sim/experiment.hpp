#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/law.hpp"
#include "bncollapse/theory/optimizer.hpp"

namespace bncollapse::sim {

/// How the m samples of a step are drawn.
///   exact           m independent samples of (x, g)
///   gaussian_limit  the step from its Gaussian limit, with the exact mean and covariance (an approximation
///                   for finite m; Gaussian x only)
enum class BatchMode { exact, gaussian_limit };

/// The neuron's world: all that stays fixed along a trajectory.
struct Model {
  theory::LawPtr x_law = theory::make_gaussian_law();
  theory::Noise noise;
  double alpha = 0;  ///< psBN's post-shift; 0 is BN
  double leak = 0;   ///< the rectifier's slope for z <= 0
  std::int64_t batch = 1;
  BatchMode batch_mode = BatchMode::exact;
};

/// Learning rate eta_t, t = 1, 2, ... counted in steps; `peak` is Optimizer::learning_rate.
///   constant         peak
///   step             peak * factor^floor((t-1)/period)
///   cosine           minimum + (peak - minimum)/2 (1 + cos(pi (t-1)/period)), minimum after period steps
///   cosine_restarts  the same, restarted every period steps
struct Schedule {
  enum class Kind { constant, step, cosine, cosine_restarts };
  Kind kind = Kind::constant;
  std::int64_t period = 0;
  double factor = 0.1;
  double minimum = 0;
};

/// eta_t of step t >= 1.
double learning_rate_at(const Schedule& schedule, double peak, std::int64_t t);

/// Where trajectories start.
struct InitialPoint {
  double gamma = 1, beta = 0;
};
struct InitialNormal {
  double gamma_mean = 1, gamma_std = 0, beta_mean = 0, beta_std = 0;
};
struct InitialUniform {
  double gamma_lower = 0, gamma_upper = 1, beta_lower = 0, beta_upper = 0;
};
/// gamma fixed, beta/gamma drawn from an even law of the given standard deviation.
struct InitialEvenRatio {
  enum class Law { gaussian, uniform, rademacher };
  double gamma = 1;
  Law law = Law::gaussian;
  double ratio_std = 1;
};
/// Pairs of a real network; trajectory i starts from row i mod rows.
struct InitialTable {
  std::vector<double> gamma, beta;
};
using Initial = std::variant<InitialPoint, InitialNormal, InitialUniform, InitialEvenRatio, InitialTable>;

enum class Precision { float32, float64 };

/// Equal bins over [lower, upper).
struct Bins {
  double lower = 0, upper = 1;
  std::int64_t count = 100;
};

/// What is recorded. Nothing here grows with trajectories times steps.
struct Recording {
  /// Recorded steps, ascending, each in [0, Experiment::steps]; 0 is the start.
  std::vector<std::int64_t> steps;
  bool antithetic = false;       ///< the drift from pairs g, -g at the same x (twice the work)
  bool control_variate = false;  ///< the drift with the martingale control variate (sgd, momentum, nesterov)
  bool histograms = false;       ///< gamma, beta, u and (gamma, beta) at every recorded step
  Bins gamma_bins, beta_bins, u_bins;
  Bins gamma_bins_2d, beta_bins_2d;
  double gamma_threshold = 1e-3;        ///< collapsed: |gamma| below this
  double probability_threshold = 1e-6;  ///< and P below this
  bool first_activation = false;        ///< histogram of the step of the first active sample
  bool collapse_time = false;           ///< histogram of the first step after which the neuron is collapsed
  std::int64_t time_bins = 4096;        ///< at most so many bins over [1, steps] for the two times
  /// The drift over so many groups of trajectories: two points with equal random streams share their draws
  /// group by group, so that the spread of the groups' differences gives the error of the points' difference.
  /// 0: none.
  std::int64_t groups = 0;
  std::int64_t paths = 0;        ///< so many whole trajectories, from trajectory 0 on,
  std::int64_t path_stride = 1;  ///< every so many steps
};

/// Estimates the probability of a rare collapse by adaptive multilevel splitting: that P falls below the
/// recording's probability threshold at some step. Unbiased; for SGD at a constant learning rate, Gaussian x
/// and a start at a point.
struct Splitting {
  std::int64_t particles = 1000;  ///< of a replica, 2 or more
  std::int64_t replicas = 16;     ///< independent; their spread gives the standard error
  double kill_share = 0.1;        ///< the weakest share of the particles that a round replaces, in (0, 1)
};

/// One sweep point, every value given.
struct Experiment {
  Model model;
  theory::Optimizer optimizer;
  Schedule schedule;
  Initial initial;
  std::int64_t trajectories = 1'000'000;
  std::int64_t steps = 1;
  Recording recording;
  Precision precision = Precision::float32;
  /// Neurons that are almost never active wait for their next active sample instead of stepping: exact in
  /// law, at a cost that goes with the active samples. For SGD, ReLU, Gaussian x, independent samples,
  /// constant or step schedule; without antithetic and control_variate.
  bool rejection_free = false;
  std::optional<Splitting> splitting;
  std::uint64_t seed = 1;
  /// Points of one sweep take different random streams of the same seed; equal streams give common numbers.
  std::uint32_t random_stream = 0;
};

/// Throws theory::InvalidArgument that names the member at fault and what is allowed.
void validate(const Experiment& experiment);

}  // namespace bncollapse::sim
