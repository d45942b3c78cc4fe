#pragma once

#include <cmath>

namespace bncollapse {

/// |measured - known| / |known|, and 0 where both are equal. Where `known` is 0 any other value has the error
/// infinity. A NaN stays NaN, so that `relative_error(...) <= tolerance` fails.
inline double relative_error(double measured, double known) {
  return measured == known ? 0 : std::abs(measured - known) / std::abs(known);
}

}  // namespace bncollapse
