#include "image_batches.hpp"

#include <array>
#include <cmath>
#include <set>

#include "torch_doctest.hpp"

using namespace bncollapse::nets;

namespace {

constexpr PixelStatistics plain{.mean = {0, 0, 0}, .deviation = {1 / 255.0, 1 / 255.0, 1 / 255.0}};

at::Tensor planes(const Dataset& dataset) {
  return at::from_blob(const_cast<std::uint8_t*>(dataset.pixels.data()), {dataset.size(), 3, 32, 32},
                       at::kByte)
      .to(at::kFloat);
}

}  // namespace

TEST_CASE("images in order are the data set's, normalised, in channels-last order") {
  const Dataset dataset = synthetic_dataset(30, 1, 2).train;
  const PixelStatistics statistics = pixel_statistics(dataset);
  const ImageBatches batches(dataset, statistics, at::kCPU);
  const Batch batch = batches.in_order(0, 30);
  CHECK(batch.images.is_contiguous(at::MemoryFormat::ChannelsLast));
  const at::Tensor mean = batch.images.to(at::kDouble).mean({0, 2, 3});
  const at::Tensor deviation = batch.images.to(at::kDouble).std(at::IntArrayRef{0, 2, 3}, false);
  CHECK(mean.abs().max().item<double>() < 1e-6);
  CHECK((deviation - 1).abs().max().item<double>() < 1e-6);
  const ImageBatches raw(dataset, plain, at::kCPU);
  CHECK(at::allclose(raw.in_order(7, 5).images, planes(dataset).narrow(0, 7, 5), 1e-5, 1e-3));
  CHECK(raw.in_order(7, 5).labels.equal(at::tensor({7, 8, 9, 0, 1}, at::kLong)));
}

TEST_CASE("an epoch without augmentation holds every image once, in an order of seed and epoch") {
  const Dataset dataset = synthetic_dataset(64, 1, 2).train;
  ImageBatches batches(dataset, plain, at::kCPU);
  batches.start_epoch(5, 0, false);
  const Batch first = batches.of_epoch(0, 64);
  CHECK_FALSE(at::allclose(first.images, planes(dataset)));
  CHECK(at::allclose(std::get<0>(first.images.sum({1, 2, 3}).sort()),
                     std::get<0>(planes(dataset).sum({1, 2, 3}).sort())));
  batches.start_epoch(5, 1, false);
  CHECK_FALSE(batches.of_epoch(0, 64).images.equal(first.images));
  batches.start_epoch(5, 0, false);
  CHECK(batches.of_epoch(10, 20).images.equal(first.images.narrow(0, 10, 20)));
  CHECK(batches.of_epoch(10, 20).labels.equal(first.labels.narrow(0, 10, 20)));
}

TEST_CASE("augmented images are crops of the framed image, all 81 places and both directions") {
  const Dataset dataset = synthetic_dataset(400, 1, 2).train;
  ImageBatches batches(dataset, plain, at::kCPU);
  std::set<std::array<int, 3>> seen;
  for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
    batches.start_epoch(5, epoch, false);
    const Batch plain_batch = batches.of_epoch(0, 400);
    batches.start_epoch(5, epoch, true);
    const Batch batch = batches.of_epoch(0, 400);
    REQUIRE(batch.labels.equal(plain_batch.labels));
    const at::Tensor corner = batch.images.contiguous();
    const auto values = corner.accessor<float, 4>();
    const at::Tensor original_tensor = plain_batch.images.contiguous();
    const auto original = original_tensor.accessor<float, 4>();
    for (std::int64_t image = 0; image < 400; ++image) {
      const auto matches = [&](int row, int column, int flip) {
        for (std::int64_t y = 0; y < 32; y += 3) {
          for (std::int64_t x = 0; x < 32; x += 3) {
            const std::int64_t source_row = y + row;
            const std::int64_t source_column = (flip == 1 ? 31 - x : x) + column;
            const bool inside =
                source_row >= 0 && source_row < 32 && source_column >= 0 && source_column < 32;
            const float expected = inside ? original[image][1][source_row][source_column] : 0;
            if (std::abs(values[image][1][y][x] - expected) > 1e-3f) {
              return false;
            }
          }
        }
        return true;
      };
      int found = 0;
      for (int row = -4; row <= 4; ++row) {
        for (int column = -4; column <= 4; ++column) {
          for (int flip = 0; flip < 2; ++flip) {
            if (matches(row, column, flip)) {
              seen.insert({row, column, flip});
              ++found;
            }
          }
        }
      }
      REQUIRE(found == 1);
    }
  }
  // 1200 draws over 162 places: one given place stays out with probability (161/162)^1200 = 6e-4.
  CHECK(seen.size() >= 160);
}
