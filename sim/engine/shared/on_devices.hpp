// What code outside the targets' namespaces (target.hpp) needs on devices, too.
#pragma once

#include <limits>

#ifdef __CUDACC__
#define BNC_ON_DEVICES __host__ __device__
#else
#define BNC_ON_DEVICES
#endif

namespace bncollapse::sim {

// A device knows constants, but cannot call std::numeric_limits.
inline constexpr double infinite = std::numeric_limits<double>::infinity();
inline constexpr double least_normal = std::numeric_limits<double>::min();
inline constexpr double greatest_finite = std::numeric_limits<double>::max();

}  // namespace bncollapse::sim
