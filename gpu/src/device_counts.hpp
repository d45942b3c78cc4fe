// The histograms of an experiment on a device: their memory there, and their counts on the host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "device_arrays.hpp"
#include "device_kernels.hpp"
#include "host/record.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

/// @tparam Device  see device_runner.hpp
template <class Device>
class DeviceCounts {
 public:
  /// @param arrays  to be placed before anything else is asked for
  DeviceCounts(DeviceArrays<Device>& arrays, const Experiment& experiment)
      : arrays_(arrays), experiment_(experiment) {
    const Counts shape(experiment);
    histograms_.resize(shape.histograms.size());
    for (std::size_t i = 0; i < histograms_.size(); ++i) {
      const RecordHistograms& record = shape.histograms[i];
      HistogramCounts& counts = histograms_[i];
      add(counts.gamma, record.gamma.bins);
      add(counts.beta, record.beta.bins);
      add(counts.u, record.u.bins);
      BinCounts2d& pair = counts.gamma_beta;
      pair.x = record.gamma_beta.x;
      pair.y = record.gamma_beta.y;
      add_counts(pair.counts, pair.x.count * pair.y.count + 1);
    }
    add(times_.activations, shape.first_activation);
    add(times_.collapses, shape.collapse_time);
  }

  /// Of a recorded step.
  const HistogramCounts& histograms(std::size_t index) const { return histograms_[index]; }
  /// Without the trajectories' times.
  const TimesTask& times() const { return times_; }

  /// The counts of all chunks so far, which the arrays have read.
  Counts read() const {
    Counts counts(experiment_);
    for (std::size_t i = 0; i < counts.histograms.size(); ++i) {
      RecordHistograms& to = counts.histograms[i];
      read(histograms_[i].gamma, to.gamma);
      read(histograms_[i].beta, to.beta);
      read(histograms_[i].u, to.u);
      read(histograms_[i].gamma_beta, to.gamma_beta);
    }
    read(times_.activations, counts.first_activation);
    read(times_.collapses, counts.collapse_time);
    return counts;
  }

 private:
  void add_counts(std::int64_t*& counts, std::int64_t count) {
    arrays_.add_counts(counts, static_cast<std::size_t>(count));
  }
  void add(BinCounts& counts, const Bins& bins) {
    counts.bins = bins;
    add_counts(counts.counts, bins.count + 2);
  }
  void add(TimeCounts& counts, const std::optional<TimeHistogram>& histogram) {
    if (!histogram) return;
    counts.bin_width = histogram->bin_width;
    counts.bins = std::ssize(histogram->counts);
    add_counts(counts.counts, counts.bins + 1);
  }

  /// `counts`' bins; returns what follows them.
  const std::int64_t* read_bins(const std::int64_t* from, std::vector<std::int64_t>& counts) const {
    const std::int64_t* const first = arrays_.counts_of(from);
    const std::int64_t* const last = first + counts.size();
    std::copy(first, last, counts.begin());
    return last;
  }
  void read(const BinCounts& from, Histogram& to) const {
    const std::int64_t* const rest = read_bins(from.counts, to.counts);
    to.above = rest[0];
    to.below = rest[1];
  }
  void read(const BinCounts2d& from, Histogram2d& to) const {
    to.outside = *read_bins(from.counts, to.counts);
  }
  void read(const TimeCounts& from, std::optional<TimeHistogram>& to) const {
    if (to) to->never = *read_bins(from.counts, to->counts);
  }

  DeviceArrays<Device>& arrays_;
  const Experiment& experiment_;
  std::vector<HistogramCounts> histograms_;
  TimesTask times_;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
