#include "bncollapse/sim/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "bncollapse/theory/invalid_argument.hpp"
#include "streams.hpp"

namespace bncollapse::sim {
namespace {

using theory::InvalidArgument;

constexpr std::int64_t maximum_steps = std::int64_t{1} << 40;
/// Samples drawn one by one in a step; larger batches have a Gaussian limit to go by.
constexpr std::int64_t maximum_exact_batch = 1'000'000;
/// A Philox counter holds 56 bits of block number, one block a sample.
constexpr std::int64_t maximum_samples = std::int64_t{1} << 55;
constexpr std::int64_t maximum_path_points = 20'000'000;
constexpr std::int64_t maximum_bins = 100'000'000;

std::string text(double value) {
  std::string digits = std::to_string(value);
  if (std::isfinite(value) && value != 0 && (std::fabs(value) < 1e-3 || std::fabs(value) >= 1e9)) {
    char scientific[32];
    std::snprintf(scientific, sizeof scientific, "%.6g", value);
    digits = scientific;
  }
  return digits;
}

void require(bool condition, const char* argument, const std::string& value, const char* allowed) {
  if (!condition) throw InvalidArgument(argument, "is " + value + "; it must be " + allowed);
}
void require(bool condition, const char* argument, double value, const char* allowed) {
  require(condition, argument, text(value), allowed);
}
void require(bool condition, const char* argument, std::int64_t value, const char* allowed) {
  require(condition, argument, std::to_string(value), allowed);
}

void require_finite(const char* argument, double value) {
  require(std::isfinite(value), argument, value, "a finite number");
}
void require_not_negative(const char* argument, double value) {
  require(std::isfinite(value) && value >= 0, argument, value, "finite and 0 or more");
}
void require_fraction(const char* argument, double value) {
  require(value >= 0 && value < 1, argument, value, "in [0, 1)");
}

void validate_model(const Model& model) {
  if (!model.x_law) throw InvalidArgument("x", "has no law; give one of theory::make_law");
  require_finite("alpha", model.alpha);
  require(model.slope >= 0 && model.slope <= 1, "slope", model.slope, "in [0, 1]");
  require_finite("noise.mean", model.noise.mean);
  require_not_negative("noise.std", model.noise.sigma);
  if (model.noise.law == theory::NoiseLaw::student_t) {
    const double dof = model.noise.degrees_of_freedom;
    require(std::isfinite(dof) && dof > 2, "noise.dof", dof, "finite and above 2, for a finite variance");
  }
  require(model.batch >= 1, "batch.size", model.batch, "1 or more");
  if (model.batch_mode == BatchMode::exact) {
    require(model.batch <= maximum_exact_batch, "batch.size", model.batch,
            "at most 1000000 in mode exact; use mode gaussian_limit");
  } else if (model.x_law->name() != theory::LawName::gaussian) {
    throw InvalidArgument("batch.mode",
                          "is gaussian_limit, which knows Gaussian x only; use exact for the law " +
                              std::string(theory::to_string(model.x_law->name())));
  }
}

void validate_optimizer(const theory::Optimizer& optimizer) {
  require_not_negative("learning_rate", optimizer.learning_rate);
  require_not_negative("weight_decay", optimizer.weight_decay);
  switch (optimizer.name) {
    case theory::OptimizerName::sgd:
      break;
    case theory::OptimizerName::momentum:
    case theory::OptimizerName::nesterov:
      require_fraction("momentum", optimizer.momentum);
      break;
    case theory::OptimizerName::adam_l2:
    case theory::OptimizerName::adamw:
      require_fraction("beta1", optimizer.beta1);
      require_fraction("beta2", optimizer.beta2);
      require(std::isfinite(optimizer.epsilon) && optimizer.epsilon > 0, "epsilon", optimizer.epsilon,
              "finite and above 0");
      require_finite("first_moment", optimizer.first_moment);
      require_not_negative("second_moment", optimizer.second_moment);
      require(optimizer.steps_taken >= 0, "steps_taken", optimizer.steps_taken,
              "0 or more (infinity allowed)");
      break;
  }
}

void validate_schedule(const Schedule& schedule, double peak) {
  if (schedule.kind == Schedule::Kind::constant) return;
  require(schedule.period >= 1, "schedule.period", schedule.period, "1 or more");
  if (schedule.kind == Schedule::Kind::step) {
    require_not_negative("schedule.factor", schedule.factor);
  } else {
    require(schedule.minimum >= 0 && schedule.minimum <= peak, "schedule.minimum", schedule.minimum,
            "in [0, learning_rate]");
  }
}

struct ValidateInitial {
  void operator()(const InitialPoint& point) const {
    require_finite("initial.gamma", point.gamma);
    require_finite("initial.beta", point.beta);
  }
  void operator()(const InitialNormal& normal) const {
    require_finite("initial.gamma_mean", normal.gamma_mean);
    require_not_negative("initial.gamma_std", normal.gamma_std);
    require_finite("initial.beta_mean", normal.beta_mean);
    require_not_negative("initial.beta_std", normal.beta_std);
  }
  void operator()(const InitialUniform& uniform) const {
    require_finite("initial.gamma_lower", uniform.gamma_lower);
    require_finite("initial.gamma_upper", uniform.gamma_upper);
    require_finite("initial.beta_lower", uniform.beta_lower);
    require_finite("initial.beta_upper", uniform.beta_upper);
    require(uniform.gamma_lower <= uniform.gamma_upper, "initial.gamma_upper", uniform.gamma_upper,
            "at least gamma_lower");
    require(uniform.beta_lower <= uniform.beta_upper, "initial.beta_upper", uniform.beta_upper,
            "at least beta_lower");
  }
  void operator()(const InitialEvenRatio& ratio) const {
    require_finite("initial.gamma", ratio.gamma);
    require_not_negative("initial.ratio_std", ratio.ratio_std);
  }
  void operator()(const InitialTable& table) const {
    if (table.gamma.empty()) throw InvalidArgument("initial.gamma", "has no rows; it must have 1 or more");
    if (table.gamma.size() != table.beta.size()) {
      throw InvalidArgument("initial.beta", "has " + std::to_string(table.beta.size()) +
                                                " rows; it must have as many as gamma, " +
                                                std::to_string(table.gamma.size()));
    }
    for (const double gamma : table.gamma) require_finite("initial.gamma", gamma);
    for (const double beta : table.beta) require_finite("initial.beta", beta);
  }
};

void validate_bins(const char* name, const Bins& bins) {
  const std::string prefix = std::string("histograms.") + name;
  if (!(std::isfinite(bins.lower) && std::isfinite(bins.upper) && bins.lower < bins.upper)) {
    throw InvalidArgument(prefix, "spans [" + text(bins.lower) + ", " + text(bins.upper) +
                                      "); lower must be finite and below a finite upper");
  }
  if (bins.count < 1) {
    throw InvalidArgument(prefix, "has " + std::to_string(bins.count) + " bins; it must have 1 or more");
  }
}

void validate_recording(const Experiment& experiment) {
  const Recording& recording = experiment.recording;
  const std::vector<std::int64_t>& steps = recording.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    require(steps[i] >= 0 && steps[i] <= experiment.steps, "record.steps", steps[i], "in [0, steps]");
    require(i == 0 || steps[i - 1] < steps[i], "record.steps", steps[i], "above the recorded step before it");
  }
  if (recording.control_variate) {
    const auto name = experiment.optimizer.name;
    if (name == theory::OptimizerName::adam_l2 || name == theory::OptimizerName::adamw) {
      throw InvalidArgument("control_variate",
                            "is on with Adam, whose step is not linear in the gradient; it must be off");
    }
    if (experiment.model.x_law->name() != theory::LawName::gaussian) {
      throw InvalidArgument("control_variate",
                            "is on with the law " +
                                std::string(theory::to_string(experiment.model.x_law->name())) +
                                "; it must be off unless x is gaussian");
    }
  }
  if (recording.histograms) {
    validate_bins("gamma", recording.gamma_bins);
    validate_bins("beta", recording.beta_bins);
    validate_bins("u", recording.u_bins);
    validate_bins("gamma_beta", recording.gamma_bins_2d);
    validate_bins("gamma_beta", recording.beta_bins_2d);
    const double bins = static_cast<double>(recording.gamma_bins.count) +
                        static_cast<double>(recording.beta_bins.count) +
                        static_cast<double>(recording.u_bins.count) +
                        static_cast<double>(recording.gamma_bins_2d.count) *
                            static_cast<double>(recording.beta_bins_2d.count);
    if (bins * static_cast<double>(steps.size()) > static_cast<double>(maximum_bins)) {
      throw InvalidArgument("histograms", "have " + text(bins) + " bins at each of " +
                                              std::to_string(steps.size()) +
                                              " recorded steps; at most 100000000 in all are allowed");
    }
  }
  require(std::isfinite(recording.gamma_threshold) && recording.gamma_threshold > 0, "thresholds.gamma",
          recording.gamma_threshold, "finite and above 0");
  require(recording.probability_threshold > 0 && recording.probability_threshold < 1,
          "thresholds.probability", recording.probability_threshold, "in (0, 1)");
  if (recording.first_activation && experiment.model.batch_mode == BatchMode::gaussian_limit) {
    throw InvalidArgument("first_activation",
                          "is on with the batch mode gaussian_limit, which draws no samples; it must be off");
  }
  if (recording.first_activation || recording.collapse_time) {
    require(recording.time_bins >= 1 && recording.time_bins <= maximum_bins, "time_bins", recording.time_bins,
            "in [1, 100000000]");
  }
  require(recording.groups >= 0 && recording.groups <= 65536, "groups", recording.groups, "in [0, 65536]");
  require(recording.paths >= 0 && recording.paths <= experiment.trajectories, "paths.count", recording.paths,
          "in [0, trajectories]");
  if (recording.paths > 0) {
    require(recording.path_stride >= 1, "paths.stride", recording.path_stride, "1 or more");
    const std::int64_t points = experiment.steps / recording.path_stride + 1;
    if (points > maximum_path_points / recording.paths) {
      throw InvalidArgument("paths.stride", "is " + std::to_string(recording.path_stride) + ", which gives " +
                                                std::to_string(recording.paths) + " paths of " +
                                                std::to_string(points) +
                                                " points; at most 20000000 points in all are allowed");
    }
  }
}

void require_plain_sgd(const Experiment& experiment, const std::string& feature) {
  const auto refuse = [&](bool bad, const char* reason) {
    if (bad) throw InvalidArgument(feature, std::string("is on ") + reason);
  };
  refuse(experiment.optimizer.name != theory::OptimizerName::sgd,
         "with an optimizer other than sgd; take sgd");
  refuse(experiment.model.x_law->name() != theory::LawName::gaussian,
         "with x that is not gaussian; take gaussian");
  refuse(experiment.model.batch_mode != BatchMode::exact, "with the batch mode gaussian_limit; take exact");
}

void validate_rejection_free(const Experiment& experiment) {
  if (!experiment.rejection_free) return;
  require_plain_sgd(experiment, "rejection_free");
  const auto refuse = [](bool bad, const char* reason) {
    if (bad) throw InvalidArgument("rejection_free", reason);
  };
  refuse(experiment.model.slope != 0,
         "is on with a leaky rectifier, which always has a gradient; take slope 0");
  refuse(experiment.schedule.kind != Schedule::Kind::constant &&
             experiment.schedule.kind != Schedule::Kind::step,
         "is on with a learning rate that changes at every step; take schedule constant or step");
  const theory::Optimizer& optimizer = experiment.optimizer;
  const double last_rate = learning_rate_at(experiment.schedule, optimizer.learning_rate,
                                            std::max<std::int64_t>(experiment.steps, 1));
  refuse(
      std::max(optimizer.learning_rate, last_rate) * optimizer.weight_decay > 1,
      "is on with learning_rate * weight_decay above 1, where weight decay turns signs; lower one of them");
  refuse(experiment.recording.antithetic || experiment.recording.control_variate,
         "is on with antithetic or control_variate, which follow every step; switch them off");
}

void validate_splitting(const Experiment& experiment) {
  if (!experiment.splitting) return;
  const Splitting& splitting = *experiment.splitting;
  require_plain_sgd(experiment, "splitting");
  require(splitting.particles >= 2 && splitting.particles <= 10'000'000, "splitting.particles",
          splitting.particles, "in [2, 10000000]");
  require(splitting.replicas >= 1 && splitting.replicas <= 1'000'000, "splitting.replicas",
          splitting.replicas, "in [1, 1000000]");
  require(splitting.kill_share > 0 && splitting.kill_share < 1, "splitting.kill_share", splitting.kill_share,
          "in (0, 1)");
  if (experiment.schedule.kind != Schedule::Kind::constant) {
    throw InvalidArgument("splitting", "is on with a learning rate that changes; take schedule constant");
  }
  const auto* point = std::get_if<InitialPoint>(&experiment.initial);
  if (point == nullptr || point->gamma == 0) {
    throw InvalidArgument("splitting", "needs the initial kind point with gamma other than 0");
  }
}

}  // namespace

double learning_rate_at(const Schedule& schedule, double peak, std::int64_t t) {
  const auto cosine = [&](std::int64_t step) {
    const double phase = static_cast<double>(step) / static_cast<double>(schedule.period);
    return schedule.minimum + (peak - schedule.minimum) / 2 * (1 + std::cos(std::numbers::pi * phase));
  };
  switch (schedule.kind) {
    case Schedule::Kind::constant:
      break;
    case Schedule::Kind::step:
      return peak * std::pow(schedule.factor, static_cast<double>((t - 1) / schedule.period));
    case Schedule::Kind::cosine:
      return t - 1 < schedule.period ? cosine(t - 1) : schedule.minimum;
    case Schedule::Kind::cosine_restarts:
      return cosine((t - 1) % schedule.period);
  }
  return peak;
}

void validate(const Experiment& experiment) {
  require(experiment.trajectories >= 1 && experiment.trajectories <= maximum_trajectories, "trajectories",
          experiment.trajectories, "in [1, 2^40]");
  require(experiment.steps >= 0 && experiment.steps <= maximum_steps, "steps", experiment.steps,
          "in [0, 2^40]");
  validate_model(experiment.model);
  require(experiment.steps <= maximum_samples / experiment.model.batch ||
              experiment.model.batch_mode == BatchMode::gaussian_limit,
          "steps", experiment.steps, "at most 2^55 / batch.size");
  validate_optimizer(experiment.optimizer);
  validate_schedule(experiment.schedule, experiment.optimizer.learning_rate);
  std::visit(ValidateInitial{}, experiment.initial);
  validate_recording(experiment);
  validate_rejection_free(experiment);
  validate_splitting(experiment);
}

}  // namespace bncollapse::sim
