#pragma once

#include <array>

#include "bncollapse/theory/neuron.hpp"
#include "infinity.hpp"

namespace bncollapse::theory {

/// A range of x on which the rectifier has one slope.
struct Gate {
  double from;
  double to;
  double slope;
};

/// The gates below and above the threshold.
inline std::array<Gate, 2> gates(const Neuron& neuron) {
  const double u = threshold(neuron);
  const double below = neuron.gamma >= 0 ? neuron.slope : 1;
  const double above = neuron.gamma >= 0 ? 1 : neuron.slope;
  return {Gate{-infinity, u, below}, Gate{u, infinity, above}};
}

}  // namespace bncollapse::theory
