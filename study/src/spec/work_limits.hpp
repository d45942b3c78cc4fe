#pragma once

#include "bncollapse/study/point.hpp"
#include "bncollapse/study/training_point.hpp"
#include "schema/field_schema.hpp"

namespace bncollapse::study {

/// Of the rows of one point in the store.
struct PointRows {
  double records = 0, paths = 0;
  double bins = 0;       ///< counts of histograms
  double time_bins = 0;  ///< of the two times: counts, and predicted values
};
PointRows rows_of(const sim::Experiment& experiment);

/// What a network is made of, without LibTorch.
struct NetworkSize {
  double channels = 0;                          ///< of the convolutions
  double parameters = 0;                        ///< weights
  double multiplications = 0, activations = 0;  ///< per image
};
NetworkSize size_of(const nets::NetworkSpec& network);

/// Rows of the table `channel` of one training.
double channel_rows(const TrainingPoint& point);

/// Adds up the points of a sweep while they are made, and throws InputError as soon as they come to more than
/// a run can store and judge.
class WorkLimits {
 public:
  /// @param points  so many will be added
  WorkLimits(const Place& place, std::size_t points) : place_(place), points_(static_cast<double>(points)) {}

  void add(const sim::Experiment& experiment);
  /// @param curves  a resolved spec's key of this name
  void add(const Json& curves, const std::vector<Point>& points);
  void add(const TrainingPoint& point);

 private:
  Place place_;
  double points_;
  double records_ = 0, paths_ = 0, bins_ = 0, time_bins_ = 0, steps_ = 0, epochs_ = 0, channels_ = 0;
};

}  // namespace bncollapse::study
