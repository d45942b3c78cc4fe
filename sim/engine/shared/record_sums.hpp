// What a record keeps of some trajectories: plain data, filled by every engine.
#pragma once

#include <cstdint>
#include <iterator>
#include <utility>

#include "bncollapse/sim/estimates.hpp"

namespace bncollapse::sim {

/// A sample's mean and spread.
struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double square_sum = 0;  ///< sum of (value - mean)^2
};

/// Sums of one recorded step over some trajectories.
struct RecordSums {
  /// What has a mean and a spread. The last two stand only where the recording asks for them. Values:
  /// record_values.hpp.
  enum Quantity { probability, change, gamma, beta, control_variate, antithetic, quantities };
  /// So many quantities stand in every record.
  static constexpr int always = control_variate;
  /// What happens to a share of the trajectories.
  enum Event { rarely_active, small_gamma, collapsed, events };

  Moments moments[quantities];
  std::int64_t counts[events] = {};  ///< trajectories to which it happens
};

/// Where a record keeps the mean of a quantity that it always has, and the share of an event.
inline constexpr std::pair<RecordSums::Quantity, Mean Record::*> recorded_means[] = {
    {RecordSums::probability, &Record::probability},
    {RecordSums::change, &Record::probability_change},
    {RecordSums::gamma, &Record::gamma},
    {RecordSums::beta, &Record::beta}};
inline constexpr std::pair<RecordSums::Event, Mean Record::*> recorded_shares[] = {
    {RecordSums::rarely_active, &Record::rarely_active_share},
    {RecordSums::small_gamma, &Record::small_gamma_share},
    {RecordSums::collapsed, &Record::collapsed_share}};
static_assert(std::size(recorded_means) == RecordSums::always &&
              std::size(recorded_shares) == RecordSums::events);

/// The quantities and events, to be gone through at compile time.
using RecordedQuantities = std::make_integer_sequence<int, RecordSums::always>;
using RecordedEvents = std::make_integer_sequence<int, RecordSums::events>;

/// A neuron is collapsed where |gamma| and P are below these.
struct CollapseThresholds {
  double gamma = 0, probability = 0;
};

}  // namespace bncollapse::sim
