#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/work_watch.hpp"
#include "bncollapse/theory/pause.hpp"
#include "spec/entry_kind.hpp"

namespace bncollapse::study {

/// Collects samples, with a pause before each.
class CurveSamples {
 public:
  /// @param curves  to come
  CurveSamples(std::size_t curves, const WorkWatch& watch) : curves_(curves) {
    pause_ = [this, &watch] {
      highest_share_ = std::max(highest_share_, share());
      if (watch) watch(highest_share_);
    };
  }
  CurveSamples(const CurveSamples&) = delete;
  CurveSamples& operator=(const CurveSamples&) = delete;

  /// For work on the next sample.
  const theory::Pause& pause() const { return pause_; }
  /// For work on the next `samples` samples.
  WorkWatch watch(std::size_t samples) {
    return [this, samples](double share) {
      ahead_ = share * static_cast<double>(samples);
      pause_();
      ahead_ = 0;
    };
  }
  void add(CurveSample sample) {
    pause_();
    samples_.push_back(std::move(sample));
  }
  /// @param samples  that it has, or fewer
  void begin_curve(std::size_t samples) {
    begin_ = samples_.size();
    expected_ = samples;
  }
  void end_curve() { ++ended_; }
  std::vector<CurveSample> take() { return std::move(samples_); }

 private:
  double share() const {
    const double in_curve = expected_ == 0 ? 0
                                           : (static_cast<double>(samples_.size() - begin_) + ahead_) /
                                                 static_cast<double>(expected_);
    return (static_cast<double>(ended_) + in_curve) / static_cast<double>(curves_);
  }

  std::size_t curves_, ended_ = 0;
  std::size_t begin_ = 0, expected_ = 0;  ///< of the present curve
  double ahead_ = 0;                      ///< samples' worth of work on those to come
  double highest_share_ = 0;
  theory::Pause pause_;
  std::vector<CurveSample> samples_;
};

/// A predicted curve that a spec asks for: the entry `{"curve": name, ...fields}`, read.
class Curve {
 public:
  virtual ~Curve() = default;
  /// How many samples it has at most.
  virtual std::size_t count_samples(const std::vector<Point>& points) const = 0;
  virtual void add(const std::vector<Point>& points, CurveSamples& samples) const = 0;
};

using CurveKind = EntryKind<Curve>;

const std::vector<CurveKind>& curve_kinds();

}  // namespace bncollapse::study
