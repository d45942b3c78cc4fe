#pragma once

#include <string>
#include <utility>
#include <vector>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/theory/pause.hpp"
#include "description.hpp"

namespace bncollapse::study {

/// Collects samples, with a pause before each.
class CurveSamples {
 public:
  explicit CurveSamples(theory::Pause pause) : pause_(std::move(pause)) {}

  const theory::Pause& pause() const { return pause_; }
  void add(CurveSample sample) {
    pause_();
    samples_.push_back(std::move(sample));
  }
  std::vector<CurveSample> take() { return std::move(samples_); }

 private:
  theory::Pause pause_;
  std::vector<CurveSample> samples_;
};

/// A kind of predicted curve: the entry `{"curve": name, ...fields}` of a spec and its samples.
struct CurveKind {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  void (*add)(const Json& curve, const std::vector<Point>& points, CurveSamples& samples);
};

const std::vector<CurveKind>& curve_kinds();

}  // namespace bncollapse::study
