// moderate_sqrt of elementary.hpp on a CUDA device.
#pragma once

#include <cstdint>

namespace bncollapse::gpu::testing {

/// Of the floats a = 0 and 2^-101 <= a < infinity.
struct RootCheck {
  std::int64_t checked = 0, wrong = 0;
  float first_wrong = 0;  ///< where one is
};

/// Compares with the correctly rounded square root, bit for bit, on a device.
/// @param device  its index
RootCheck check_moderate_sqrt(int device);

}  // namespace bncollapse::gpu::testing
