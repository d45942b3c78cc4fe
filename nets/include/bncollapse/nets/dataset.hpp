#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bncollapse::nets {

inline constexpr std::int64_t image_size = 32;     ///< pixels per side
inline constexpr std::int64_t image_channels = 3;  ///< red, green, blue
inline constexpr std::int64_t class_count = 10;
inline constexpr std::int64_t image_bytes = image_channels * image_size * image_size;

/// Labelled images in memory.
struct Dataset {
  std::string name;                  ///< what results and figures call it
  std::vector<std::uint8_t> pixels;  ///< size() x channel x row x column
  std::vector<std::uint8_t> labels;  ///< size(), each below class_count

  std::int64_t size() const { return static_cast<std::int64_t>(labels.size()); }
};

struct TrainAndTest {
  Dataset train;
  Dataset test;
  /// Of all images of the folder that these were chosen from; none where they were made here.
  std::optional<std::uint64_t> folder_fingerprint = {};
};

/// FNV-1a, 64 bits, over the pixels and labels.
std::uint64_t fingerprint(const Dataset& dataset);

/// What load_cifar10 calls other images than CIFAR-10's.
inline constexpr char unknown_images[] = "unknown images in CIFAR-10's format";

/// CIFAR-10 from a folder with the binary version's files: data_batch_1.bin to data_batch_5.bin and
/// test_batch.bin, 10,000 records each of a label byte and 3072 pixel bytes. Its name is CIFAR-10 where the
/// fingerprints are, else unknown_images. Throws FileError naming file and byte offset.
/// @param between_parts  called several times a second; what it throws ends the reading
TrainAndTest load_cifar10(
    const std::filesystem::path& folder, const std::function<void()>& between_parts = [] {});

/// Images of CIFAR-10's shape made here: each class has a wave vector and a colour, each image of it a phase
/// of its own and uniform noise. Learnable, but no stand-in for natural images. Integer arithmetic only: the
/// same bytes everywhere.
/// @param between_parts  called several times a second; what it throws ends the making
TrainAndTest synthetic_dataset(
    std::int64_t train_count, std::int64_t test_count, std::uint64_t seed,
    const std::function<void()>& between_parts = [] {});

/// `count` images drawn without replacement, in their original order. A larger count with the same seed
/// contains the smaller. Throws theory::InvalidArgument naming "count".
Dataset subset(const Dataset& dataset, std::int64_t count, std::uint64_t seed);

/// The same images with labels drawn uniformly once and for all (claim A6).
Dataset with_random_labels(const Dataset& dataset, std::uint64_t seed);

/// Mean and standard deviation of each channel over all pixels, which normalisation subtracts and divides by.
/// Unit: 1 (a byte over 255). A constant channel has deviation 1 here, so that it normalises to 0.
struct PixelStatistics {
  std::array<double, image_channels> mean{};
  std::array<double, image_channels> deviation{};
};
PixelStatistics pixel_statistics(const Dataset& dataset);

}  // namespace bncollapse::nets
