#pragma once

#include <functional>
#include <vector>

#include "bncollapse/sim/engine.hpp"
#include "bncollapse/study/json.hpp"
#include "bncollapse/study/point.hpp"

namespace bncollapse::study {

/// Seconds since some fixed time.
using Clock = std::function<double()>;
/// The machine's.
double steady_seconds();

/// Seconds that a run of the points with these curves (a resolved spec's key `curves`) takes on the engine:
/// measured, by a part of the work at the points with the least, the middle and the most samples to draw, in
/// some seconds. Right to a small factor where the points between resemble these, and a trajectory's later
/// steps its first ones.
/// @param threads  the engine's
double measure_seconds(const std::vector<Point>& points, const Json& curves, const sim::Engine& engine,
                       int threads, const Clock& clock = steady_seconds);

}  // namespace bncollapse::study
