#include "bncollapse/study/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <variant>
#include <vector>

#include "bncollapse/study/precision.hpp"
#include "bncollapse/study/quantity.hpp"
#include "bncollapse/theory/drift.hpp"
#include "bncollapse/theory/optimizer_decay.hpp"
#include "spec/initial_nodes.hpp"

namespace bncollapse::study {
namespace {

using theory::OptimizerName;

bool first_step_is_sgd(OptimizerName name) {
  return name == OptimizerName::sgd || name == OptimizerName::momentum;
}

/// A mean over the initial law by the fine and the coarse rule.
struct NodeMean {
  double fine = 0, coarse = 0, error = 0;

  void add(const InitialNode& node, double value, double value_error = 0) {
    fine += node.weight * value;
    coarse += node.coarse_weight * value;
    error += node.weight * value_error;
  }
  PredictedValue result() const { return {fine, error + std::abs(fine - coarse)}; }
};

void predict_first_step(const sim::Experiment& experiment, const std::vector<InitialNode>& nodes,
                        const WorkWatch& watch, std::map<std::string, PredictedValue>& values) {
  const theory::Law& law = *experiment.model.x_law;
  const theory::SgdStep step = first_step(experiment);
  NodeMean coefficient, even, theorem1, signal, exact;
  theory::ChangeMoments changes;
  double done = 0;
  const theory::Pause pause = [&] {
    if (watch) watch(done / static_cast<double>(nodes.size()));
  };
  for (const InitialNode& node : nodes) {
    pause();
    const theory::DriftPrediction at = theory::predict_drift(law, node.neuron, experiment.model.noise, step,
                                                             theory::default_range_tolerance, pause);
    ++done;
    coefficient.add(node, at.drift_coefficient);
    even.add(node, theory::even_average_drift_coefficient(law, node.neuron));
    theorem1.add(node, at.theorem1);
    signal.add(node, at.signal);
    exact.add(node, at.exact.value, at.exact.error);
    const theory::ChangeMoments change =
        theory::change_moments(law, node.neuron, experiment.model.noise, step);
    changes.first += node.weight * change.first;
    changes.second += node.weight * change.second;
  }
  values[quantity::drift_coefficient] = coefficient.result();
  values[quantity::even_drift_coefficient] = even.result();
  values[quantity::drift_theorem1] = theorem1.result();
  values[quantity::drift_signal] = signal.result();
  values[quantity::drift_exact] = exact.result();
  const bool has_gradients = experiment.model.noise.std > 0 || experiment.model.noise.mean != 0;
  values[quantity::carrying_share] = {
      has_gradients ? theory::carrying_share(changes, experiment.model.batch) : 1, 0};
  values[quantity::epsilon] = {
      theory::expansion_parameter(nodes.front().neuron, experiment.model.noise, step), 0};
  const bool in_range = theory::is_in_theorem1_range(theorem1.fine, {exact.fine, exact.result().error});
  values[quantity::in_range] = {in_range ? 1.0 : 0.0, 0};
}

void predict_decay(const sim::Experiment& experiment, const theory::WeightDecay& decay,
                   PointPrediction& prediction) {
  const theory::Neuron start = mean_initial_neuron(experiment);
  for (const std::int64_t step : experiment.recording.steps) {
    const theory::Neuron neuron = theory::decayed_neuron(start, decay, static_cast<double>(step));
    prediction.series[quantity::gamma][step] = neuron.gamma;
    prediction.series[quantity::beta][step] = neuron.beta;
    prediction.series[quantity::probability][step] =
        theory::activation_probability(*experiment.model.x_law, neuron);
  }
  if (const auto t_half = theory::half_activation_time(*experiment.model.x_law, start, decay))
    prediction.values[quantity::t_half] = {*t_half, 0};
}

/// The step at which an inactive neuron's |gamma| falls below its threshold, where P is below its own then:
/// the neuron collapses.
void predict_collapse(const sim::Experiment& experiment, const WorkWatch& watch,
                      PointPrediction& prediction) {
  const theory::Neuron start = mean_initial_neuron(experiment);
  const sim::Recording& recording = experiment.recording;
  const theory::Optimizer& optimizer = experiment.optimizer;
  if (experiment.schedule.kind != sim::Schedule::Kind::constant ||
      std::abs(start.gamma) <= recording.gamma_threshold)
    return;
  const auto steps =
      theory::inactive_steps_to(recording.gamma_threshold, start.gamma, optimizer, experiment.steps, watch);
  if (!steps) return;
  theory::Neuron then = start;
  then.gamma = theory::inactive_value(start.gamma, *steps, optimizer, watch).value();
  then.beta = theory::inactive_value(start.beta, *steps, optimizer, watch).value();
  if (theory::activation_probability(*experiment.model.x_law, then) < recording.probability_threshold)
    prediction.values[quantity::inactive_steps_to_threshold] = {static_cast<double>(*steps), 0};
}

bool starts_from_a_point(const sim::Experiment& experiment) {
  return std::holds_alternative<sim::InitialPoint>(experiment.initial);
}

}  // namespace

std::optional<theory::WeightDecay> exponential_decay(const sim::Experiment& experiment) {
  const theory::Optimizer& optimizer = experiment.optimizer;
  const bool is_exponential = optimizer.name == OptimizerName::sgd ||
                              (optimizer.name == OptimizerName::adamw && optimizer.first_moment == 0);
  const double product = optimizer.learning_rate * optimizer.weight_decay;
  if (!is_exponential || experiment.schedule.kind != sim::Schedule::Kind::constant || product >= 1) {
    return std::nullopt;
  }
  return theory::WeightDecay{.learning_rate = optimizer.learning_rate,
                             .weight_decay = optimizer.weight_decay};
}

PointPrediction predict(const sim::Experiment& experiment, const WorkWatch& watch) {
  PointPrediction prediction;
  const theory::Law& law = *experiment.model.x_law;
  const std::vector<InitialNode> nodes = initial_nodes(experiment);
  NodeMean probability;
  for (const InitialNode& node : nodes)
    probability.add(node, theory::activation_probability(law, node.neuron));
  if (!nodes.empty()) prediction.values[quantity::activation_probability] = probability.result();
  prediction.values[quantity::rounding] = {rounding_of_change(experiment, experiment.precision, 1), 0};
  const bool has_gamma = !nodes.empty() && nodes.front().neuron.gamma != 0;
  if (has_gamma && first_step_is_sgd(experiment.optimizer.name)) {
    predict_first_step(experiment, nodes, watch, prediction.values);
  }
  if (experiment.optimizer.weight_decay > 0 && starts_from_a_point(experiment)) {
    if (const auto decay = exponential_decay(experiment)) predict_decay(experiment, *decay, prediction);
    predict_collapse(experiment, watch, prediction);
  }
  return prediction;
}

std::map<std::int64_t, double> predict_first_activation(const sim::Experiment& experiment,
                                                        const sim::TimeHistogram& estimated,
                                                        const WorkWatch& watch) {
  const auto decay = exponential_decay(experiment);
  const theory::Noise& noise = experiment.model.noise;
  const bool has_no_gradient_until_active = experiment.model.leak == 0 || (noise.std == 0 && noise.mean == 0);
  if (!decay || !has_no_gradient_until_active || !starts_from_a_point(experiment)) return {};
  const theory::FirstActivation law(experiment.model.x_law, mean_initial_neuron(experiment), *decay,
                                    experiment.model.batch);
  std::map<std::int64_t, double> survival;
  for (std::size_t bin = 0; bin < estimated.counts.size(); ++bin) {
    if (watch) watch(static_cast<double>(bin) / static_cast<double>(estimated.counts.size()));
    const std::int64_t end =
        std::min(experiment.steps, static_cast<std::int64_t>(bin + 1) * estimated.bin_width);
    survival[end] = law.survival(end);
  }
  return survival;
}

}  // namespace bncollapse::study
