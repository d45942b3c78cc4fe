// The elementary functions of float by a device's approximate ones, read in place of the exact source where
// BNC_APPROXIMATE is defined (elementary.hpp includes this file); double keeps the exact source. On the host
// the standard library's functions stand in. Results differ from those of the exact source, and from device
// to device, in the last bits; the law of a draw differs by the functions' errors, at most some 2^-20 of a
// standard deviation.
#pragma once

#include <cmath>
#include <numbers>

#include "shared/simd_target.hpp"

namespace bncollapse::sim {
namespace BNC_TARGET {

BNC_HD float approximate_log2(float a) {
#ifdef __CUDA_ARCH__
  return __log2f(a);
#else
  return std::log2(a);
#endif
}
BNC_HD float approximate_exp(float a) {
#ifdef __CUDA_ARCH__
  return __expf(a);
#else
  return std::exp(a);
#endif
}
/// (cos, sin)
BNC_HD Pair<Lane<float>> approximate_cos_sin(float angle) {
#ifdef __CUDA_ARCH__
  return {Lane<float>(__cosf(angle)), Lane<float>(__sinf(angle))};
#else
  return {Lane<float>(std::cos(angle)), Lane<float>(std::sin(angle))};
#endif
}
/// A uniform angle between -pi and pi, where the device's sine and cosine err by at most 2^-20.9.
BNC_HD float uniform_angle(ScalarBits word) {
  return static_cast<float>(static_cast<std::int32_t>(word.value)) * (std::numbers::pi_v<float> * 0x1p-31F);
}

template <>
BNC_HD Lane<float> moderate_sqrt(Lane<float> a) {
  return sqrt(a);
}

template <>
BNC_HD Lane<float> log_scaled(Lane<float> a, double exponent_shift) {
  return Lane<float>((approximate_log2(a.value()) + static_cast<float>(exponent_shift)) *
                     std::numbers::ln2_v<float>);
}

template <>
BNC_HD Lane<float> exp_of_negative(Lane<float> y) {
  return Lane<float>(approximate_exp(y.value()));
}

template <>
BNC_HD Pair<Lane<float>> direction<Lane<float>>(ScalarBits w1) {
  const Pair<Lane<float>> unit = approximate_cos_sin(uniform_angle(w1));
  const Lane<float> root2(std::numbers::sqrt2_v<float>);
  return {root2 * unit.first, root2 * unit.second};
}

/// From a uniform number of 32 bits, w0, and an angle of as many, w1: at most sqrt(66 ln 2) = 6.76 standard
/// deviations out, beyond which a normal is with probability 1.4e-11.
template <>
BNC_HD Pair<Lane<float>> normal_pair<Lane<float>>(ScalarBits w0, ScalarBits w1) {
  const float uniform = std::fma(static_cast<float>(w0.value), 0x1p-32F, 0x1p-33F);
  // The approximate logarithm of a number near 1 may have the wrong sign.
  const float square = std::fabs(approximate_log2(uniform)) * (2 * std::numbers::ln2_v<float>);
  const Lane<float> radius = sqrt(Lane<float>(square));
  const Pair<Lane<float>> unit = approximate_cos_sin(uniform_angle(w1));
  return {radius * unit.first, radius * unit.second};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
