// Which random draw is which: a pure function of (seed, stream, purpose, trajectory, block).
#pragma once

#include <array>
#include <cstdint>

namespace bncollapse::sim {

/// What a draw is for. Draws of different purposes never meet.
enum class RandomPurpose : std::uint32_t {
  key = 0,        ///< the key of a (seed, stream)
  step = 1,       ///< samples (x, g) of the steps
  initial = 2,    ///< initial (gamma, beta)
  waiting = 3,    ///< waits and active samples of rarely active neurons
  splitting = 4,  ///< samples of the steps of splitting's particles
  choice = 5,     ///< which particle splitting copies
};

/// Trajectories that an experiment may have. Numbers from here on serve further draws of its trajectories.
inline constexpr std::int64_t maximum_trajectories = std::int64_t{1} << 40;

inline constexpr std::uint32_t philox_multiplier0 = 0xD2511F53;
inline constexpr std::uint32_t philox_multiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t philox_weyl0 = 0x9E3779B9;
inline constexpr std::uint32_t philox_weyl1 = 0xBB67AE85;

struct PhiloxKey {
  std::uint32_t word0 = 0, word1 = 0;
};

/// Philox 4x32-10 of one counter, as published: the reference of the lane version in philox.hpp.
constexpr std::array<std::uint32_t, 4> philox4x32_10(std::array<std::uint32_t, 4> counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{philox_multiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{philox_multiplier1} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key.word0,
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key.word1,
               static_cast<std::uint32_t>(product0)};
    key.word0 += philox_weyl0;
    key.word1 += philox_weyl1;
  }
  return counter;
}

/// The key of one random stream of a seed: two words of Philox itself, so that neighbouring seeds and streams
/// share nothing.
constexpr PhiloxKey random_stream_key(std::uint64_t seed, std::uint32_t stream) {
  const auto words =
      philox4x32_10({stream, static_cast<std::uint32_t>(RandomPurpose::key) << 24, 0, 0},
                    {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
  return {words[0], words[1]};
}

}  // namespace bncollapse::sim
