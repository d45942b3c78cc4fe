#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "bncollapse/theory/decay.hpp"

namespace bncollapse::study {

/// A predicted value with its estimated absolute error (of a quadrature; 0 for a closed form).
struct PredictedValue {
  double value = 0, error = 0;
};

/// What the theory says of one point, by the names in quantity.hpp.
struct PointPrediction {
  std::map<std::string, PredictedValue> values;
  std::map<std::string, std::map<std::int64_t, double>> series;
};

/// The theory's predictions for a point, before it runs:
/// - `activation_probability`, and `rounding` (precision.hpp) of one step's change of P;
/// - for SGD and momentum (whose first step is SGD's) from a point or an even law of beta/gamma: the drift of
///   the first step by Theorem 1, its signal term and the exact drift, each averaged over the initial law,
///   with `drift_coefficient`, `even_drift_coefficient` (at the initial u, or averaged), `epsilon` and
///   `in_range` (theory::is_in_theorem1_range);
/// - under weight decay alone (SGD, AdamW without stored moments, constant learning rate, from a point):
///   `gamma`, `beta` and `probability` at the recorded steps, and `t_half`;
/// - under weight decay, any optimizer: `inactive_steps_to_threshold`, where that comes within the run
///   and P is below its threshold then.
PointPrediction predict(const sim::Experiment& experiment, const WorkWatch& watch = {});

/// `first_activation_survival` at the upper ends of the bins of the estimated first activation times. Empty
/// where the theory does not apply (see `predict`: weight decay alone, and a rectifier without leak).
std::map<std::int64_t, double> predict_first_activation(const sim::Experiment& experiment,
                                                        const sim::TimeHistogram& estimated,
                                                        const WorkWatch& watch = {});

/// The weight decay that alone moves an inactive neuron exponentially, where the experiment has one.
std::optional<theory::WeightDecay> exponential_decay(const sim::Experiment& experiment);

}  // namespace bncollapse::study
