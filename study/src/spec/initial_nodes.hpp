#pragma once

#include <vector>

#include "bncollapse/sim/experiment.hpp"
#include "bncollapse/theory/neuron.hpp"

namespace bncollapse::study {

/// A quadrature over the initial law: E[f(neuron)] = sum of weight * f(neuron); the weights add to 1.
struct InitialNode {
  theory::Neuron neuron;
  double weight = 1;         ///< of the fine rule
  double coarse_weight = 1;  ///< of a rule on every second node, for an error estimate
};

/// The nodes of a point (one) or of an even law of beta/gamma: two points (exact), a Gaussian (trapezoid rule
/// over 8 standard deviations, in steps of at most half a standard deviation and 1/2 in beta/gamma) or
/// uniform (Simpson's rule on 33 nodes or more, in steps of at most 1/4 in beta/gamma). Above a standard
/// deviation of 16 the nodes are graded: dense where the threshold on x is near 0, farther apart the farther
/// it is. Where the law of x has a density that jumps or turns, the nodes are those of Gauss-Kronrod panels,
/// dense around each such point. Empty for the other initial laws, whose gamma may come arbitrarily near 0,
/// where Theorem 1 has no mean.
std::vector<InitialNode> initial_nodes(const sim::Experiment& experiment);

}  // namespace bncollapse::study
