#pragma once

#include <string>
#include <vector>

#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"
#include "bncollapse/study/work_watch.hpp"

namespace bncollapse::study {

/// One sample of a predicted curve.
struct CurveSample {
  std::string curve, series;
  double x = 0, y = 0;
};

/// How many samples they have at most.
double curve_sample_count(const Json& curves, const std::vector<Point>& points);

/// All curves that a resolved spec asks for (its key `curves`).
std::vector<CurveSample> curve_samples(const Json& curves, const std::vector<Point>& points,
                                       const WorkWatch& watch = {});

}  // namespace bncollapse::study
