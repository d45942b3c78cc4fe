#include <array>
#include <cstdlib>
#include <string>

#include "bncollapse/nets/dataset.hpp"
#include "bncollapse/theory/invalid_argument.hpp"
#include "counter_random.hpp"

namespace bncollapse::nets {
namespace {

constexpr std::int32_t period = 1 << 16;      // of a phase
constexpr std::int32_t noise_amplitude = 40;  // of a pixel's noise, in grey levels

struct Pattern {
  std::int32_t x_frequency, y_frequency;            // phase per pixel
  std::array<std::int32_t, image_channels> colour;  // the wave's amplitude in each channel, in grey levels
};

Pattern class_pattern(const CounterRandom& random, std::uint64_t label) {
  const auto wave = random(2 * label);
  const auto colour = random(2 * label + 1);
  const auto amplitude = [](std::uint32_t word) { return static_cast<std::int32_t>(below(161, word)) - 80; };
  // Wave vectors from no wave to a period of eight pixels.
  return {.x_frequency = static_cast<std::int32_t>(below(period / 8, wave[0])),
          .y_frequency = static_cast<std::int32_t>(below(period / 4, wave[1])) - period / 8,
          .colour = {amplitude(colour[0]), amplitude(colour[1]), amplitude(colour[2])}};
}

/// A triangle wave from -256 to 256.
std::int32_t wave(std::int32_t phase) { return std::abs((phase & (period - 1)) - period / 2) / 64 - 256; }

Dataset make(std::int64_t first, std::int64_t count, std::uint64_t seed,
             const std::function<void()>& between_parts) {
  constexpr std::int64_t part = 1024;  // images
  std::array<Pattern, class_count> patterns{};
  for (std::size_t label = 0; label < patterns.size(); ++label) {
    patterns[label] = class_pattern(CounterRandom(seed, RandomPurpose::synthetic_class), label);
  }
  Dataset dataset{.name = "synthetic", .pixels = {}, .labels = {}};
  dataset.pixels.reserve(static_cast<std::size_t>(count * image_bytes));
  for (std::int64_t index = first; index < first + count; ++index) {
    if (index % part == 0) {
      between_parts();
    }
    const CounterRandom random(seed, RandomPurpose::synthetic_image, static_cast<std::uint32_t>(index));
    const auto label = static_cast<std::uint8_t>(index % class_count);
    const Pattern& pattern = patterns[label];
    const auto phase = static_cast<std::int32_t>(below(period, random(0)[0]));
    dataset.labels.push_back(label);
    std::uint64_t draw = 1;
    for (const std::int32_t colour : pattern.colour) {
      for (std::int32_t y = 0; y < image_size; ++y) {
        for (std::int32_t x = 0; x < image_size; x += 4) {
          const auto noise = random(draw++);
          for (std::int32_t step = 0; step < 4; ++step) {
            const std::int32_t height =
                wave(phase + pattern.x_frequency * (x + step) + pattern.y_frequency * y) * colour / 256;
            const std::int32_t error = static_cast<std::int32_t>(below(
                                           2 * noise_amplitude + 1, noise[static_cast<std::size_t>(step)])) -
                                       noise_amplitude;
            dataset.pixels.push_back(static_cast<std::uint8_t>(128 + height + error));  // from 8 to 248
          }
        }
      }
    }
  }
  return dataset;
}

void require_count(const char* argument, std::int64_t count) {
  if (count < 1 || count > 1'000'000) {
    throw theory::InvalidArgument(argument, "is " + std::to_string(count) + "; it must be from 1 to 1000000");
  }
}

}  // namespace

TrainAndTest synthetic_dataset(std::int64_t train_count, std::int64_t test_count, std::uint64_t seed,
                               const std::function<void()>& between_parts) {
  require_count("train_count", train_count);
  require_count("test_count", test_count);
  return {.train = make(0, train_count, seed, between_parts),
          .test = make(train_count, test_count, seed, between_parts)};
}

}  // namespace bncollapse::nets
