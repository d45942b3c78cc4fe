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

/// From the initial law and the spread that T steps of gradient noise make:
/// - SGD: eta sigma sqrt(T/m) (a sum of T independent steps with E[s^2 x^k] <= 1), for momentum rho divided
/// by
///   1 - rho; mean eta |mu| T in the same way. Adam: eta sqrt(T), its step being about eta;
/// - five of these standard deviations around the initial law (its ends, or five of its standard deviations);
/// - with weight decay, 0 is inside too;
/// - u: -10 to 10, more where the initial u is outside +-8.
ExpectedRanges expected_ranges(const sim::Experiment& experiment);

}  // namespace bncollapse::study
