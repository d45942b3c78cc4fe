#pragma once

#include <array>
#include <cstdint>

namespace bncollapse::nets {

/// Everything random in a training, one number each: no two purposes share a draw.
enum class RandomPurpose : std::uint32_t {
  initial_weights = 1,
  order = 2,
  augmentation = 3,
  subset = 4,
  random_labels = 5,
  synthetic_class = 6,
  synthetic_image = 7,
  weight_shuffle = 8,
};

/// A draw as a pure function of (seed, purpose, random stream, index): Philox 4x32-10 (Salmon et al., SC
/// 2011) with the key made of the seed and the counter of the rest.
class CounterRandom {
 public:
  using Words = std::array<std::uint32_t, 4>;

  CounterRandom(std::uint64_t seed, RandomPurpose purpose, std::uint32_t random_stream = 0)
      : seed_(seed), purpose_(static_cast<std::uint32_t>(purpose)), random_stream_(random_stream) {}

  Words operator()(std::uint64_t index) const {
    return philox({low(index), high(index), random_stream_, purpose_}, {low(seed_), high(seed_)});
  }

  std::uint64_t bits64(std::uint64_t index) const {
    const Words words = (*this)(index);
    return (std::uint64_t{words[1]} << 32) | words[0];
  }

  static Words philox(Words counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t first = std::uint64_t{0xD2511F53} * counter[0];
      const std::uint64_t second = std::uint64_t{0xCD9E8D57} * counter[2];
      counter = {high(second) ^ counter[1] ^ key[0], low(second), high(first) ^ counter[3] ^ key[1],
                 low(first)};
      key[0] += 0x9E3779B9;
      key[1] += 0xBB67AE85;
    }
    return counter;
  }

 private:
  static std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
  static std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

  std::uint64_t seed_;
  std::uint32_t purpose_;
  std::uint32_t random_stream_;
};

/// A word as an integer in [0, bound), off uniform by less than bound / 2^32.
inline std::uint32_t below(std::uint32_t bound, std::uint32_t word) {
  return static_cast<std::uint32_t>((std::uint64_t{bound} * word) >> 32);
}

}  // namespace bncollapse::nets
