#define BNC_TARGET reference
#include "host/record.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "shared/record_values.hpp"

namespace bncollapse::sim {
namespace {

Histogram empty_histogram(const Bins& bins) {
  return {bins, std::vector<std::int64_t>(static_cast<std::size_t>(bins.count)), 0, 0};
}

TimeHistogram empty_time_histogram(std::int64_t steps, std::int64_t bins) {
  TimeHistogram histogram;
  histogram.bin_width = std::max<std::int64_t>((steps + bins - 1) / bins, 1);
  histogram.counts.resize(static_cast<std::size_t>((steps + histogram.bin_width - 1) / histogram.bin_width));
  return histogram;
}

void add(std::vector<std::int64_t>& to, const std::vector<std::int64_t>& from) {
  std::transform(to.begin(), to.end(), from.begin(), to.begin(), std::plus<>());
}

void add(Histogram& to, const Histogram& from) {
  add(to.counts, from.counts);
  to.below += from.below;
  to.above += from.above;
}

void add(std::optional<TimeHistogram>& to, const std::optional<TimeHistogram>& from) {
  if (!to) return;
  add(to->counts, from->counts);
  to->never += from->never;
}

}  // namespace

void merge(RecordSums& sums, const RecordSums& next) {
  for (int i = 0; i < RecordSums::quantities; ++i) sums.moments[i] = merged(sums.moments[i], next.moments[i]);
  for (int i = 0; i < RecordSums::events; ++i) sums.counts[i] += next.counts[i];
}

RecordSums::Quantity best_change(const Recording& recording) {
  if (recording.antithetic) return RecordSums::antithetic;
  return recording.control_variate ? RecordSums::control_variate : RecordSums::change;
}

Record to_record(const RecordSums& sums, std::int64_t step, const Recording& recording) {
  const auto mean = [&](RecordSums::Quantity quantity) { return to_mean(sums.moments[quantity]); };
  Record record;
  record.step = step;
  for (const auto& [quantity, member] : recorded_means) record.*member = mean(quantity);
  for (const auto& [event, member] : recorded_shares) {
    record.*member = to_share(sums.counts[event], sums.moments[RecordSums::probability].count);
  }
  if (recording.antithetic) record.change_antithetic = mean(RecordSums::antithetic);
  if (recording.control_variate) record.change_control_variate = mean(RecordSums::control_variate);
  return record;
}

Counts::Counts(const Experiment& experiment) {
  const Recording& recording = experiment.recording;
  if (recording.histograms) {
    const RecordHistograms empty{
        empty_histogram(recording.gamma_bins), empty_histogram(recording.beta_bins),
        empty_histogram(recording.u_bins),
        Histogram2d{recording.gamma_bins_2d, recording.beta_bins_2d,
                    std::vector<std::int64_t>(static_cast<std::size_t>(recording.gamma_bins_2d.count *
                                                                       recording.beta_bins_2d.count)),
                    0}};
    histograms.assign(recording.steps.size(), empty);
  }
  if (recording.first_activation)
    first_activation = empty_time_histogram(experiment.steps, recording.time_bins);
  if (recording.collapse_time) collapse_time = empty_time_histogram(experiment.steps, recording.time_bins);
}

void Counts::merge(const Counts& other) {
  for (std::size_t i = 0; i < histograms.size(); ++i) {
    add(histograms[i].gamma, other.histograms[i].gamma);
    add(histograms[i].beta, other.histograms[i].beta);
    add(histograms[i].u, other.histograms[i].u);
    add(histograms[i].gamma_beta.counts, other.histograms[i].gamma_beta.counts);
    histograms[i].gamma_beta.outside += other.histograms[i].gamma_beta.outside;
  }
  add(first_activation, other.first_activation);
  add(collapse_time, other.collapse_time);
}

void count(Histogram& histogram, double value) {
  const std::int64_t bin = reference::bin_of(histogram.bins, value);
  if (bin < 0) {
    ++histogram.below;
  } else if (bin == histogram.bins.count) {
    ++histogram.above;
  } else {
    ++histogram.counts[static_cast<std::size_t>(bin)];
  }
}

void count(Histogram2d& histogram, double x, double y) {
  const std::int64_t bin = reference::bin_of(histogram.x, histogram.y, x, y);
  ++(bin < 0 ? histogram.outside : histogram.counts[static_cast<std::size_t>(bin)]);
}

void count(TimeHistogram& histogram, std::int64_t time) {
  const std::int64_t bin = reference::time_bin_of(histogram.bin_width, time);
  ++(bin < 0 ? histogram.never : histogram.counts[static_cast<std::size_t>(bin)]);
}

}  // namespace bncollapse::sim
