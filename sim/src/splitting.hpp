// The probability of a rare collapse, by splitting.
#pragma once

#include "bncollapse/sim/estimates.hpp"
#include "bncollapse/sim/experiment.hpp"
#include "host/progress.hpp"
#include "kernel_table.hpp"

namespace bncollapse::sim {

/// Adaptive multilevel splitting (Cerou, Guyader: Adaptive multilevel splitting for rare event analysis,
/// Stochastic Analysis and Applications 25, 2007). In each round the level is the score that the weakest
/// `kill_share` of the particles do not pass; those are replaced by copies of others from the first state in
/// which these passed it, and the copies go on with fresh draws. Unbiased at every level rule of this kind
/// (Brehier, Gazeau, Goudenege, Lelievre, Rousset: Unbiasedness of some generalized adaptive multilevel
/// splitting algorithms, Annals of Applied Probability 26, 2016): ties with the level are killed too, and
/// copies start at the first passage of the level. Independent replicas give the standard error.
RareCollapse estimate_rare_collapse(const Experiment& experiment, const Kernels& kernels, int threads,
                                    Progress& progress);

}  // namespace bncollapse::sim
