#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/curve.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "description.hpp"

namespace bncollapse::study {

/// A kind of predicted curve: the entry `{"curve": name, ...fields}` of a spec and its samples.
struct CurveKind {
  std::string name;
  std::string help;
  std::vector<Field> fields;
  std::vector<CurveSample> (*samples)(const Json& curve, const std::vector<Point>& points);
};

const std::vector<CurveKind>& curve_kinds();

}  // namespace bncollapse::study
