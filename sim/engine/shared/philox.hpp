// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC11), for one
// lane type.

#if defined(BNC_SIM_PHILOX_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_PHILOX_HPP
#undef BNC_SIM_PHILOX_HPP
#else
#define BNC_SIM_PHILOX_HPP
#endif

#include <cstdint>

#include "shared/lane.hpp"
#include "shared/random_streams.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

/// Four 32-bit words per lane.
template <class V>
struct Words {
  typename V::Bits w0, w1, w2, w3;
};

/// The draws of `V::width` consecutive trajectories for one purpose.
///
/// The counter's words are (block's low 32 bits, purpose and block's high 24 bits, trajectory low, trajectory
/// high). With the trajectory in word 2 and the block in word 0, round 1 and half of round 2 depend on one of
/// them alone: the trajectory's share is computed here, once, the block's share once per call and not once
/// per lane.
template <class V>
class PhiloxStream {
 public:
  /// @param first_trajectory  a multiple of V::width: its lanes share the high word
  /// @param block_high        bits 32 to 55 of the block's number
  BNC_HD PhiloxStream(PhiloxKey key, RandomPurpose purpose, std::uint32_t block_high,
                      std::uint64_t first_trajectory)
      : key_(key), trajectory_high_(static_cast<std::uint32_t>(first_trajectory >> 32)) {
    const std::uint32_t word1 = static_cast<std::uint32_t>(purpose) << 24 | block_high;
    const Wide product1 = multiply_low32(V::iota_wide(first_trajectory), philox_multiplier1);
    const Wide c0 = high_half(product1) ^ V::broadcast_wide(word1 ^ key.word0);
    const Wide product0 = multiply_low32(c0, philox_multiplier0);
    c0_after_2_ = product1 ^ V::broadcast_wide(key.word0 + philox_weyl0);
    c2_after_2_ = high_half(product0) ^ V::broadcast_wide(key.word1 + philox_weyl1);
    c3_after_2_ = product0;
  }

  /// The four words of block `block_low` (its high bits were given to the constructor).
  BNC_HD Words<V> operator()(std::uint32_t block_low) const {
    const std::uint64_t product0 = static_cast<std::uint64_t>(block_low) * philox_multiplier0;
    const std::uint32_t c2_after_1 =
        static_cast<std::uint32_t>(product0 >> 32) ^ trajectory_high_ ^ key_.word1;
    const std::uint64_t product1 = static_cast<std::uint64_t>(c2_after_1) * philox_multiplier1;
    const std::uint64_t c1_after_2 = product1 & 0xffffffffU;

    // The high half of each 64-bit lane holds what the next product ignores.
    Wide c0 = c0_after_2_ ^ V::broadcast_wide(product1 >> 32);
    Wide c2 = c2_after_2_ ^ V::broadcast_wide(product0 & 0xffffffffU);
    Wide c3 = c3_after_2_;
    PhiloxKey key{key_.word0 + 2 * philox_weyl0, key_.word1 + 2 * philox_weyl1};

    Wide p0 = multiply_low32(c0, philox_multiplier0);
    Wide p1 = multiply_low32(c2, philox_multiplier1);
    c0 = high_half(p1) ^ V::broadcast_wide(c1_after_2 ^ key.word0);
    c2 = high_half(p0) ^ (c3 ^ V::broadcast_wide(key.word1));
    Wide c1 = p1;
    c3 = p0;
    BNC_UNROLL
    for (int round = 3; round < 10; ++round) {
      key.word0 += philox_weyl0;
      key.word1 += philox_weyl1;
      p0 = multiply_low32(c0, philox_multiplier0);
      p1 = multiply_low32(c2, philox_multiplier1);
      c0 = high_half(p1) ^ (c1 ^ V::broadcast_wide(key.word0));
      c2 = high_half(p0) ^ (c3 ^ V::broadcast_wide(key.word1));
      c1 = p1;
      c3 = p0;
    }
    return {low_words<V>(c0), low_words<V>(c1), low_words<V>(c2), low_words<V>(c3)};
  }

 private:
  using Wide = typename V::Wide;
  PhiloxKey key_;
  std::uint32_t trajectory_high_;
  Wide c0_after_2_, c2_after_2_, c3_after_2_;
};

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
