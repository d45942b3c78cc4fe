#pragma once

#include "bncollapse/sim/experiment.hpp"

namespace bncollapse::study {

/// The rounding of a float format against the effect that a run is to show.
///
/// One rounding has a relative error of at most r = 2^-24 (float32) or 2^-53 (float64). Two kinds reach the
/// mean of P_t - P_0:
/// - P itself is rounded at the start and at the record: 2 r P;
/// - gamma and beta are rounded at every step, which moves P by
///     r (|gamma dP/dgamma| + |beta dP/dbeta|) = r p(u) (|u| + |beta/gamma|).
///   The steps' roundings are as good as independent, so t steps add up to sqrt(t) times that.
///
/// All at the initial neuron (dimensionless, absolute error of the mean of P_t - P_0).
double rounding_of_change(const sim::Experiment& experiment, sim::Precision precision, double steps);

/// float32 where it is fine enough with a margin of 1000, else float64. It is fine enough where
/// - for SGD and momentum with gradient noise: the rounding over all t steps stays below the predicted change
///   of P, t |Theorem 1 + signal|, at most 1;
/// - one step's relative change stays above r: eta lambda under decay, eta / |gamma| for Adam's normalised
///   step.
sim::Precision sufficient_precision(const sim::Experiment& experiment);

/// r: 2^-24 or 2^-53.
double unit_roundoff(sim::Precision precision);

}  // namespace bncollapse::study
