#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/prediction.hpp"

namespace bncollapse::study {

/// A histogram of times: bin i holds the steps in (i width, (i + 1) width].
struct TimeCounts {
  std::int64_t width = 1;
  std::vector<std::int64_t> counts;
  std::int64_t never = 0;

  std::int64_t total() const;
};

/// What a store holds of one point, as far as checks need it; the maps' keys are the names in quantity.hpp.
struct StoredPoint {
  PointSummary summary;
  std::map<std::string, PredictedValue> predictions;
  std::map<std::string, std::map<std::int64_t, double>> series;        ///< by quantity, then step
  std::map<std::string, std::map<std::int64_t, sim::Mean>> estimates;  ///< by quantity, then step
  std::map<std::string, TimeCounts> times;
  std::map<std::int64_t, std::vector<sim::GroupMean>> groups;  ///< of the change of P, by step
};

/// A run as read back from its store.
struct StoredRun {
  Json spec;  ///< resolved
  std::vector<StoredPoint> points;
};

}  // namespace bncollapse::study
