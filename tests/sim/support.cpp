#include "support.hpp"

#include <bit>
#include <limits>

namespace bncollapse::sim::testing {
namespace {

class Bits {
 public:
  void add(double value) { bits.push_back(std::bit_cast<std::uint64_t>(value)); }
  void add(std::int64_t value) { bits.push_back(static_cast<std::uint64_t>(value)); }
  void add(const std::vector<std::int64_t>& values) {
    for (const auto value : values) add(value);
  }
  void add(const Mean& mean) {
    add(mean.mean);
    add(mean.standard_error);
    add(mean.count);
  }
  void add(const Histogram& histogram) {
    add(histogram.counts);
    add(histogram.below);
    add(histogram.above);
  }
  void add(const Histogram2d& histogram) {
    add(histogram.counts);
    add(histogram.outside);
  }
  void add(const TimeHistogram& histogram) {
    add(histogram.bin_width);
    add(histogram.counts);
    add(histogram.never);
  }
  void add(const RecordHistograms& histograms) {
    add(histograms.gamma);
    add(histograms.beta);
    add(histograms.u);
    add(histograms.gamma_beta);
  }
  template <class T>
  void add(const std::optional<T>& value) {
    add(std::int64_t{value.has_value()});
    if (value) add(*value);
  }
  void add(const Record& record) {
    add(record.step);
    add(record.probability);
    add(record.probability_change);
    add(record.change_antithetic);
    add(record.change_control_variate);
    add(record.gamma);
    add(record.beta);
    add(record.collapsed_share);
    add(record.small_gamma_share);
    add(record.inactive_share);
    add(record.histograms);
  }

  std::vector<std::uint64_t> bits;
};

}  // namespace

std::vector<std::unique_ptr<Engine>> all_engines() {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const int threads : {1, 2, 3}) {
    engines.push_back(make_engine_on(reference_kernels(), "reference", threads));
    for (const Kernels* kernels : vector_kernels())
      engines.push_back(make_engine_on(*kernels, "cpu", threads));
  }
  return engines;
}

const Engine& cpu_engine() {
  static const std::unique_ptr<Engine> engine = make_engine(EngineName::cpu);
  return *engine;
}

std::vector<std::uint64_t> bits_of(const Estimates& estimates) {
  Bits all;
  for (const Record& record : estimates.records) all.add(record);
  all.add(estimates.first_activation);
  all.add(estimates.collapse_time);
  for (const PathPoint& point : estimates.paths) {
    all.add(point.path);
    all.add(point.step);
    all.add(point.gamma);
    all.add(point.beta);
  }
  return all.bits;
}

std::vector<State> final_states(Experiment experiment) {
  experiment.recording.paths = experiment.trajectories;
  experiment.recording.path_stride = std::max<std::int64_t>(experiment.steps, 1);
  std::vector<State> states;
  for (const PathPoint& point : cpu_engine().run(experiment).paths) {
    if (point.step == experiment.steps) states.push_back({point.gamma, point.beta});
  }
  return states;
}

Mean sample_mean(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0, square_sum = 0;
  for (const double value : values) sum += value;
  for (const double value : values) square_sum += (value - sum / count) * (value - sum / count);
  return {sum / count, std::sqrt(square_sum / (count - 1) / count), static_cast<std::int64_t>(values.size())};
}

double deviation(const Mean& mean, double expected) { return (mean.mean - expected) / mean.standard_error; }

Experiment plain_experiment() {
  Experiment experiment;
  experiment.optimizer.learning_rate = 0.01;
  experiment.initial = InitialPoint{1, 0};
  experiment.trajectories = 10'000;
  experiment.steps = 1;
  experiment.recording.steps = {1};
  return experiment;
}

}  // namespace bncollapse::sim::testing
