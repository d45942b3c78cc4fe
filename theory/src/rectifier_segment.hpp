#pragma once

#include <array>

#include "bncollapse/theory/neuron.hpp"
#include "infinity.hpp"

namespace bncollapse::theory {

/// A range of x on which the rectifier's derivative s(z) is constant.
struct RectifierSegment {
  double from;
  double to;
  double derivative;
};

/// The segments below and above the threshold.
inline std::array<RectifierSegment, 2> rectifier_segments(const Neuron& neuron) {
  const double u = threshold(neuron);
  const double below = neuron.gamma >= 0 ? neuron.leak : 1;
  const double above = neuron.gamma >= 0 ? 1 : neuron.leak;
  return {RectifierSegment{-infinity, u, below}, RectifierSegment{u, infinity, above}};
}

}  // namespace bncollapse::theory
