#include "bncollapse/sim/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "bncollapse/sim/fields.hpp"
#include "bncollapse/theory/optimizer_rule.hpp"
#include "shared/random_streams.hpp"

namespace bncollapse::sim {
namespace {

using fields::InvalidArgument;

/// A Philox counter holds 56 bits of block number, one block a sample.
constexpr std::int64_t maximum_samples = std::int64_t{1} << 55;
constexpr std::int64_t maximum_path_points = 20'000'000;
constexpr double maximum_bins = 1e8;

[[noreturn]] void fail(const char* path, const std::string& problem) { throw InvalidArgument(path, problem); }

bool has_gaussian_x(const Experiment& experiment) {
  return experiment.model.x_law->name() == theory::LawName::gaussian;
}
std::string x_law_of(const Experiment& experiment) {
  return std::string(fields::name_of(experiment.model.x_law->name()));
}

void validate_x(const Experiment& experiment) {
  if (!experiment.model.x_law) fail("model.x", "has no law; give one of theory::make_law");
  if (experiment.model.batch_mode == BatchMode::gaussian_limit && !has_gaussian_x(experiment)) {
    fail("model.batch.mode",
         fields::text_of("is gaussian_limit, which needs Gaussian x; use exact for the law ",
                         x_law_of(experiment)));
  }
}

void validate_schedule(const Experiment& experiment) {
  const Schedule& schedule = experiment.schedule;
  const double peak = experiment.optimizer.learning_rate;
  const bool has_minimum =
      schedule.kind == Schedule::Kind::cosine || schedule.kind == Schedule::Kind::cosine_restarts;
  if (has_minimum && schedule.minimum > peak) {
    fail("optimizer.schedule.minimum",
         fields::text_of("is ", schedule.minimum, "; it must be at most the learning rate, ", peak));
  }
}

void validate_work(const Experiment& experiment) {
  const std::int64_t steps = experiment.steps, batch = experiment.model.batch;
  if (experiment.model.batch_mode == BatchMode::exact && steps > maximum_samples / batch) {
    fail("simulation.steps", fields::text_of("is ", steps, "; with batches of ", batch,
                                             " it must be at most ", maximum_samples / batch));
  }
}

void validate_recording(const Experiment& experiment) {
  const Recording& recording = experiment.recording;
  for (std::size_t i = 0; i < recording.steps.size(); ++i) {
    if (recording.steps[i] > experiment.steps) {
      throw InvalidArgument(
          fields::text_of("simulation.record.steps[", i, "]"),
          fields::text_of("is ", recording.steps[i], ", beyond simulation.steps = ", experiment.steps));
    }
  }
  if (recording.control_variate) {
    if (!theory::is_linear(experiment.optimizer)) {
      fail("simulation.control_variate",
           fields::text_of("is on with ", fields::name_of(experiment.optimizer.name),
                           ", whose step is not linear in the gradient; it must be off"));
    }
    if (!has_gaussian_x(experiment)) {
      fail("simulation.control_variate", fields::text_of("is on with the law ", x_law_of(experiment),
                                                         "; it must be off unless x is gaussian"));
    }
  }
  if (recording.histograms) {
    const auto count = [](const Bins& bins) { return static_cast<double>(bins.count); };
    const double bins = count(recording.gamma_bins) + count(recording.beta_bins) + count(recording.u_bins) +
                        count(recording.gamma_bins_2d) * count(recording.beta_bins_2d);
    const double total = bins * static_cast<double>(recording.steps.size());
    if (total > maximum_bins) {
      fail("simulation.histograms",
           fields::text_of("makes ", total, " bins over ", recording.steps.size(), " records; at most ",
                           maximum_bins, " are allowed: record fewer steps or take fewer bins"));
    }
  }
  if (recording.first_activation && experiment.model.batch_mode == BatchMode::gaussian_limit) {
    fail("simulation.first_activation",
         "is on with the batch mode gaussian_limit, which draws no samples; it must be off");
  }
  if (recording.paths > experiment.trajectories) {
    fail("simulation.paths.count", fields::text_of("is ", recording.paths, "; it must be at most the ",
                                                   experiment.trajectories, " trajectories"));
  }
  const std::int64_t path_points = experiment.steps / recording.path_stride + 1;
  if (recording.paths > 0 && path_points > maximum_path_points / recording.paths) {
    fail(
        "simulation.paths.stride",
        fields::text_of("is ", recording.path_stride, ", which gives ", recording.paths, " paths of ",
                        path_points, " points; at most ", maximum_path_points, " points in all are allowed"));
  }
}

void require_plain_sgd(const Experiment& experiment, const char* feature) {
  const auto refuse = [&](bool bad, const char* reason) {
    if (bad) fail(feature, fields::text_of("is on ", reason));
  };
  refuse(experiment.optimizer.name != theory::OptimizerName::sgd,
         "with an optimizer other than sgd; take sgd");
  refuse(!has_gaussian_x(experiment), "with x that is not gaussian; take gaussian");
  refuse(experiment.model.batch_mode != BatchMode::exact, "with the batch mode gaussian_limit; take exact");
}

void validate_rejection_free(const Experiment& experiment) {
  if (!experiment.rejection_free) return;
  require_plain_sgd(experiment, "simulation.rejection_free");
  const auto refuse = [](bool bad, const char* reason) {
    if (bad) fail("simulation.rejection_free", reason);
  };
  refuse(experiment.model.leak != 0,
         "is on with a leaky rectifier, which always has a gradient; take leak 0");
  refuse(experiment.schedule.kind != Schedule::Kind::constant &&
             experiment.schedule.kind != Schedule::Kind::step,
         "is on with a learning rate that changes at every step; take schedule constant or step");
  const theory::Optimizer& optimizer = experiment.optimizer;
  const double last_rate = learning_rate_at(experiment.schedule, optimizer.learning_rate,
                                            std::max<std::int64_t>(experiment.steps, 1));
  refuse(
      std::max(optimizer.learning_rate, last_rate) * optimizer.weight_decay > 1,
      "is on with learning_rate * weight_decay above 1, where weight decay changes signs; lower one of them");
  refuse(experiment.recording.antithetic || experiment.recording.control_variate,
         "is on with antithetic or control_variate, which follow every step; switch them off");
}

void validate_splitting(const Experiment& experiment) {
  if (!experiment.splitting) return;
  require_plain_sgd(experiment, "simulation.splitting");
  if (experiment.schedule.kind != Schedule::Kind::constant) {
    fail("simulation.splitting", "is on with a learning rate that changes; take schedule constant");
  }
  const auto* point = std::get_if<InitialPoint>(&experiment.initial);
  if (point == nullptr || point->gamma == 0) {
    fail("simulation.splitting", "needs the initial kind point with gamma other than 0");
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
    case Schedule::Kind::step: {
      const std::int64_t drops = (t - 1) / schedule.period;
      return peak * std::pow(schedule.factor, static_cast<double>(drops));
    }
    case Schedule::Kind::cosine:
      return t - 1 < schedule.period ? cosine(t - 1) : schedule.minimum;
    case Schedule::Kind::cosine_restarts:
      return cosine((t - 1) % schedule.period);
  }
  return peak;
}

void validate(const Experiment& experiment) {
  fields::validate(experiment);
  validate_x(experiment);
  validate_schedule(experiment);
  validate_work(experiment);
  validate_recording(experiment);
  validate_rejection_free(experiment);
  validate_splitting(experiment);
}

}  // namespace bncollapse::sim
