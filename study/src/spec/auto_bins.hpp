#pragma once

#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::study {

/// Where gamma, beta and u are expected to lie over a whole run: the ends that a histogram takes unless its
/// spec gives them.
struct ExpectedRanges {
  struct Interval {
    double lower = 0, upper = 0;
  };
  Interval gamma, beta, u;
};

/// gamma and beta lie within five standard deviations around the initial law (its ends, or five of its own
/// standard deviations); under weight decay, 0 is inside too. The standard deviation after T steps of
/// gradient noise, m samples per batch:
///   SGD       eta sigma sqrt(T/m), a sum of T independent steps with E[s^2 x^k] <= 1;
///             a mean of the gradients adds eta |mu| T to the distance
///   momentum  both of SGD divided by 1 - rho
///   Adam      eta sqrt(T), since a step is about eta
/// u lies between -10 and 10, and farther out where the initial u is outside +-8.
ExpectedRanges expected_ranges(const sim::Experiment& experiment);

}  // namespace bncollapse::study
