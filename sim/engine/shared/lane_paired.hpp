// Lane<T> as two vectors that step side by side, where the registers are enough. Each step is a long chain of
// dependent operations, and a core can look ahead only so far: the second chain, instruction by instruction
// beside the first, fills the slots that the first leaves empty. See lane.hpp.

#if defined(BNC_SIM_LANE_PAIRED_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_LANE_PAIRED_HPP
#undef BNC_SIM_LANE_PAIRED_HPP
#else
#define BNC_SIM_LANE_PAIRED_HPP
#endif

#include <cstdint>

#include "shared/lane_pair.hpp"
#include "shared/lane_vector.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class T>
BNC_HD std::uint64_t mask_bits(PairedMask<VectorMask<T>> a) {
  return mask_bits(a.low) | mask_bits(a.high) << VectorLane<T>::width;
}

// AVX2 has 16 registers: two vectors of everything would spill.
#if HWY_TARGET == HWY_AVX2
template <class T>
using Lane = VectorLane<T>;
#else
template <class T>
using Lane = PairedLane<VectorLane<T>>;
#endif

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
