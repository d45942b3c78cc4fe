// Sample moments that merge without cancellation and in a fixed order.
#pragma once

#include <cstdint>

#include "bncollapse/sim/estimates.hpp"
#include "shared/record_sums.hpp"

namespace bncollapse::sim {

/// Both samples as one (Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample
/// variances, 1979).
Moments merged(const Moments& a, const Moments& b);

/// The mean with its standard error, infinite for a single value.
Mean to_mean(const Moments& moments);

/// The share of `hits` among `count` trials as a mean.
Mean to_share(std::int64_t hits, std::int64_t count);

}  // namespace bncollapse::sim
