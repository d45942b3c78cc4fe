// Compiled once for each instruction set that has fused multiply-add and vectors of a fixed width.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "vector_lanes.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#if HWY_NATIVE_FMA && !HWY_HAVE_SCALABLE
#include "lane_functions.hpp"

HWY_BEFORE_NAMESPACE();
namespace bncollapse::sim {
namespace HWY_NAMESPACE {

LaneTable lane_table_of_target() { return lane_table(hwy::TargetName(HWY_TARGET)); }

}  // namespace HWY_NAMESPACE
}  // namespace bncollapse::sim
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace bncollapse::sim {

std::vector<LaneTable> lane_tables() {
  std::vector<LaneTable> found = {reference_lane_table()};
  [[maybe_unused]] const auto supported = hwy::SupportedTargets();
#if HWY_TARGETS & HWY_AVX3
  if (supported & HWY_AVX3) found.push_back(N_AVX3::lane_table_of_target());
#endif
#if HWY_TARGETS & HWY_AVX2
  if (supported & HWY_AVX2) found.push_back(N_AVX2::lane_table_of_target());
#endif
#if HWY_TARGETS & HWY_NEON
  if (supported & HWY_NEON) found.push_back(N_NEON::lane_table_of_target());
#endif
  return found;
}

}  // namespace bncollapse::sim
#endif
