#include "bncollapse/study/point.hpp"

#include <fmt/format.h>

#include <numeric>
#include <variant>

#include "bncollapse/fields/invalid_argument.hpp"
#include "bncollapse/sim/fields.hpp"
#include "bncollapse/study/errors.hpp"
#include "bncollapse/study/precision.hpp"
#include "schema/field_schema.hpp"
#include "spec/check_kind.hpp"
#include "spec/make_experiment.hpp"
#include "spec/neuron_spec.hpp"
#include "spec/sweep.hpp"
#include "spec/sweep_points.hpp"
#include "spec/work_limits.hpp"

namespace bncollapse::study {
namespace {

sim::InitialPoint mean_of(const sim::Initial& initial) {
  struct Mean {
    sim::InitialPoint operator()(const sim::InitialPoint& law) const { return law; }
    sim::InitialPoint operator()(const sim::InitialNormal& law) const {
      return {law.gamma_mean, law.beta_mean};
    }
    sim::InitialPoint operator()(const sim::InitialUniform& law) const {
      return {std::midpoint(law.gamma_lower, law.gamma_upper), std::midpoint(law.beta_lower, law.beta_upper)};
    }
    sim::InitialPoint operator()(const sim::InitialEvenRatio& law) const { return {law.gamma, 0}; }
    sim::InitialPoint operator()(const sim::InitialTable& law) const {
      const double rows = static_cast<double>(law.gamma.size());
      return {std::accumulate(law.gamma.begin(), law.gamma.end(), 0.0) / rows,
              std::accumulate(law.beta.begin(), law.beta.end(), 0.0) / rows};
    }
  };
  return std::visit(Mean{}, initial);
}

PointSummary summarize(std::int64_t index, const Json& assignment, const sim::Experiment& experiment) {
  const theory::Neuron neuron = mean_initial_neuron(experiment);
  PointSummary summary;
  summary.index = index;
  summary.parameters = assignment;
  summary.gamma = neuron.gamma;
  summary.beta = neuron.beta;
  summary.alpha = neuron.alpha;
  summary.u = theory::threshold(neuron);
  summary.learning_rate = experiment.optimizer.learning_rate;
  summary.noise_std = experiment.model.noise.std;
  summary.batch = experiment.model.batch;
  summary.trajectories = experiment.trajectories;
  summary.steps = experiment.steps;
  summary.precision = fields::name_of(experiment.precision);
  if (experiment.model.batch_mode == sim::BatchMode::gaussian_limit) {
    summary.approximation = "the step of a batch is drawn from its Gaussian limit";
  }
  return summary;
}

/// The precision that is asked for, or one whose rounding does not hide the predicted change, with a note.
void choose_precision(Point& point) {
  const sim::Precision asked = point.experiment.precision;
  if (asked != sim::Precision::float32) return;
  point.experiment.precision = sufficient_precision(point.experiment);
  if (point.experiment.precision == asked) return;
  point.summary.precision = fields::name_of(point.experiment.precision);
  point.summary.note = "float64 instead of float32, whose rounding is not well below the predicted change";
}

}  // namespace

theory::Neuron mean_initial_neuron(const sim::Experiment& experiment) {
  const sim::InitialPoint mean = mean_of(experiment.initial);
  return {
      .gamma = mean.gamma, .beta = mean.beta, .alpha = experiment.model.alpha, .leak = experiment.model.leak};
}

theory::SgdStep first_step(const sim::Experiment& experiment) {
  return {.learning_rate = sim::learning_rate_at(experiment.schedule, experiment.optimizer.learning_rate, 1),
          .weight_decay = experiment.optimizer.weight_decay,
          .batch = experiment.model.batch};
}

std::vector<Point> neuron_points(const std::string& file, const Json& given, const Json& resolved) {
  const Place place{file};
  const std::vector<Json> assignments = sweep_assignments(resolved, place);
  const bool common_streams = resolved.at("simulation").at("streams") == "common";
  const Json common = common_to_points(given);
  const auto checks = read_checks(check_kinds(), resolved.at("checks"));
  ExperimentMaker maker;
  WorkLimits limits(place, assignments.size());
  std::vector<Point> points;
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    const Json& assignment = assignments[i];
    const Place point_place = place_of_point(file, assignment);
    Point point;
    point.experiment =
        maker.make(resolve(neuron_schema(), with_assignment(common, assignment), point_place), point_place);
    limits.add(point.experiment);
    if (!common_streams) point.experiment.random_stream = static_cast<std::uint32_t>(i);
    point.summary = summarize(static_cast<std::int64_t>(i), assignment, point.experiment);
    try {
      choose_precision(point);
    } catch (const fields::InvalidArgument& error) {
      throw out_of_domain(point_place.file, error);
    }
    require_possible(checks, point, point_place.key("checks"));
    points.push_back(std::move(point));
  }
  limits.add(resolved.at("curves"), points);
  return points;
}

}  // namespace bncollapse::study
