// Compiled once for each instruction set that has fused multiply-add and vectors of a fixed width.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vector_kernels.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#if HWY_NATIVE_FMA && !HWY_HAVE_SCALABLE
#include "kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace bncollapse::sim {
namespace HWY_NAMESPACE {

const Kernels& vector_kernels_of_target() {
  static const Kernels kernels = make_kernels(hwy::TargetName(HWY_TARGET), fused_take_waits());
  return kernels;
}

}  // namespace HWY_NAMESPACE
}  // namespace bncollapse::sim
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
#include "host/engines.hpp"

namespace bncollapse::sim {

std::vector<const Kernels*> vector_kernels() {
  std::vector<const Kernels*> found;
  [[maybe_unused]] const auto supported = hwy::SupportedTargets();
#if HWY_TARGETS & HWY_AVX3
  if (supported & HWY_AVX3) found.push_back(&N_AVX3::vector_kernels_of_target());
#endif
#if HWY_TARGETS & HWY_AVX2
  if (supported & HWY_AVX2) found.push_back(&N_AVX2::vector_kernels_of_target());
#endif
#if HWY_TARGETS & HWY_NEON
  if (supported & HWY_NEON) found.push_back(&N_NEON::vector_kernels_of_target());
#endif
  return found;
}

}  // namespace bncollapse::sim
#endif
