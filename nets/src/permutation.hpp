#pragma once

#include <cstdint>
#include <vector>

#include "counter_random.hpp"

namespace bncollapse::nets {

/// 0 .. count-1 ordered by a random key of each.
std::vector<std::int64_t> permutation(std::int64_t count, const CounterRandom& random);

}  // namespace bncollapse::nets
