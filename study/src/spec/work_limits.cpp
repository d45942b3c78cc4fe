#include "spec/work_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <variant>
#include <vector>

#include "bncollapse/nets/architecture.hpp"
#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/prediction.hpp"
#include "bncollapse/study/quantity.hpp"

namespace bncollapse::study {
namespace {

/// A store is judged in memory: of some 100 bytes a row.
constexpr double most_rows = 5e7;
constexpr double most_channel_rows = 1e8;
constexpr double most_epochs = 1e7;
/// 40 GB of counts.
constexpr double most_bins = 5e9;
/// Each point holds the pairs that it starts from.
constexpr double most_table_rows = 5e7;
/// Three thousand years at 10^9 a second.
constexpr double most_steps = 1e20;

/// Throws unless `amount` is at most `most`.
void require_at_most(double amount, double most, const Place& place, const char* what, const char* remedy) {
  if (amount > most)
    place.fail(fmt::format("makes more than {:.0e} {} over the sweep's points; {}", most, what, remedy));
}

}  // namespace

PointRows rows_of(const sim::Experiment& experiment) {
  constexpr std::size_t estimates = std::tuple_size_v<decltype(quantity::estimated)>,
                        predictions = quantity::predicted_by_step.size(), histograms = 4,
                        quantiles = quantity::quantile_probabilities.size() * quantity::with_quantiles.size();
  const sim::Recording& recording = experiment.recording;
  const auto records = static_cast<double>(recording.steps.size());
  PointRows rows;
  double in_record = static_cast<double>(estimates + predictions) + static_cast<double>(recording.groups);
  if (recording.histograms) {
    in_record += static_cast<double>(histograms + quantiles);
    rows.bins = records * (static_cast<double>(recording.gamma_bins.count + recording.beta_bins.count +
                                               recording.u_bins.count) +
                           static_cast<double>(recording.gamma_bins_2d.count) *
                               static_cast<double>(recording.beta_bins_2d.count));
  }
  rows.records = records * in_record;
  const auto times = static_cast<double>(std::min(recording.time_bins, experiment.steps));
  const bool predicts_times =
      exponential_decay(experiment) && std::holds_alternative<sim::InitialPoint>(experiment.initial);
  if (recording.first_activation) rows.time_bins += predicts_times ? 2 * times : times;
  if (recording.collapse_time) rows.time_bins += times;
  rows.paths = static_cast<double>(recording.paths) *
               (static_cast<double>(experiment.steps) / static_cast<double>(recording.path_stride) + 1);
  return rows;
}

NetworkSize size_of(const nets::NetworkSpec& network) {
  NetworkSize size;
  for (const nets::LayerShape& layer : nets::plan_network(network).layers) {
    const auto outputs = static_cast<double>(layer.outputs), positions = static_cast<double>(layer.positions);
    const double weights = static_cast<double>(layer.inputs * layer.kernel) * outputs;
    if (layer.is_convolution) size.channels += outputs;
    size.parameters += weights;
    size.multiplications += weights * positions;
    size.activations += outputs * positions;
  }
  return size;
}

double channel_rows(const TrainingPoint& point) {
  const nets::Training& training = point.training;
  return size_of(training.network).channels *
         static_cast<double>(training.recording.steps.size() + static_cast<std::size_t>(training.rounds));
}

void WorkLimits::add(const sim::Experiment& experiment) {
  const Place simulation = place_.key("simulation");
  const PointRows rows = rows_of(experiment);
  records_ += rows.records;
  paths_ += rows.paths;
  bins_ += rows.bins;
  time_bins_ += rows.time_bins;
  require_at_most(records_, most_rows, simulation.key("record").key("steps"), "rows of records",
                  "record fewer steps or take fewer points");
  require_at_most(paths_, most_rows, simulation.key("paths"), "rows of paths",
                  "take fewer paths or a longer stride");
  require_at_most(time_bins_, most_rows, simulation.key("time_bins"), "bins of times",
                  "take fewer time_bins or points");
  require_at_most(bins_, most_bins, simulation.key("histograms"), "bins",
                  "record fewer steps, or take fewer bins or points");
  if (const auto* table = std::get_if<sim::InitialTable>(&experiment.initial)) {
    require_at_most(points_ * static_cast<double>(table->gamma.size()), most_table_rows,
                    place_.key("initial").key("file"), "rows of the table",
                    "take a shorter table or fewer points");
  }
  if (!experiment.rejection_free) {
    steps_ += static_cast<double>(experiment.trajectories) * static_cast<double>(experiment.steps);
    require_at_most(steps_, most_steps, simulation.key("steps"), "trajectory-steps",
                    "take fewer steps, trajectories or points");
  }
}

void WorkLimits::add(const Json& curves, const std::vector<Point>& points) {
  require_at_most(curve_sample_count(curves, points), most_rows, place_.key("curves"), "samples of curves",
                  "take fewer samples or points");
}

void WorkLimits::add(const TrainingPoint& point) {
  const nets::Training& training = point.training;
  epochs_ += static_cast<double>(training.rounds) * static_cast<double>(training.epochs);
  channels_ += channel_rows(point);
  require_at_most(epochs_, most_epochs, place_.key("training").key("epochs"), "epochs",
                  "take fewer epochs, rounds or points");
  require_at_most(channels_, most_channel_rows, place_.key("record").key("steps"), "rows of channels",
                  "record fewer steps, or take fewer rounds or points");
}

}  // namespace bncollapse::study
