#include "bncollapse/nets/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "bncollapse/theory/invalid_argument.hpp"
#include "counter_random.hpp"
#include "fnv1a.hpp"
#include "permutation.hpp"

namespace bncollapse::nets {

std::uint64_t fingerprint(const Dataset& dataset) {
  const std::uint64_t of_pixels = fnv1a(fnv1a_start, dataset.pixels.data(), dataset.pixels.size());
  return fnv1a(of_pixels, dataset.labels.data(), dataset.labels.size());
}

Dataset subset(const Dataset& dataset, std::int64_t count, std::uint64_t seed) {
  if (count < 1 || count > dataset.size()) {
    throw theory::InvalidArgument("count", "is " + std::to_string(count) + "; it must be from 1 to " +
                                               std::to_string(dataset.size()) + ", the size of " +
                                               dataset.name);
  }
  std::vector<std::int64_t> chosen = permutation(dataset.size(), CounterRandom(seed, RandomPurpose::subset));
  chosen.resize(static_cast<std::size_t>(count));
  std::sort(chosen.begin(), chosen.end());
  Dataset result{.name = dataset.name, .pixels = {}, .labels = {}};
  result.pixels.reserve(static_cast<std::size_t>(count * image_bytes));
  for (const std::int64_t index : chosen) {
    const auto image = dataset.pixels.begin() + index * image_bytes;
    result.pixels.insert(result.pixels.end(), image, image + image_bytes);
    result.labels.push_back(dataset.labels[static_cast<std::size_t>(index)]);
  }
  return result;
}

Dataset with_random_labels(const Dataset& dataset, std::uint64_t seed) {
  Dataset result = dataset;
  result.name += ", random labels";
  const CounterRandom random(seed, RandomPurpose::random_labels);
  for (std::size_t index = 0; index < result.labels.size(); ++index) {
    result.labels[index] = static_cast<std::uint8_t>(below(class_count, random(index)[0]));
  }
  return result;
}

PixelStatistics pixel_statistics(const Dataset& dataset) {
  constexpr auto plane = static_cast<std::size_t>(image_size * image_size);
  std::array<std::uint64_t, image_channels> sum{};
  std::array<std::uint64_t, image_channels> square{};
  for (std::size_t start = 0; start < dataset.pixels.size(); start += plane) {
    const std::size_t channel = start / plane % static_cast<std::size_t>(image_channels);
    for (std::size_t offset = 0; offset < plane; ++offset) {
      const std::uint64_t pixel = dataset.pixels[start + offset];
      sum[channel] += pixel;
      square[channel] += pixel * pixel;
    }
  }
  const double count = static_cast<double>(dataset.size()) * plane;
  PixelStatistics statistics;
  for (std::size_t channel = 0; channel < sum.size(); ++channel) {
    const double mean = static_cast<double>(sum[channel]) / count;
    const double variance = static_cast<double>(square[channel]) / count - mean * mean;
    statistics.mean[channel] = mean / 255;
    statistics.deviation[channel] = variance > 0 ? std::sqrt(variance) / 255 : 1;
  }
  return statistics;
}

}  // namespace bncollapse::nets
