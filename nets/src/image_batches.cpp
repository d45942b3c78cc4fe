#include "image_batches.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "counter_random.hpp"
#include "permutation.hpp"

namespace bncollapse::nets {
namespace {

constexpr std::int64_t frame = 4;
constexpr std::int64_t framed_size = image_size + 2 * frame;
constexpr std::int64_t framed_pixels = framed_size * framed_size;

at::Tensor viewed(const std::vector<std::int64_t>& values) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                       at::kLong);
}

at::Tensor bytes_of(const std::array<double, image_channels>& values, at::Device device) {
  at::Tensor result = at::empty({image_channels}, at::kDouble);
  for (std::size_t channel = 0; channel < values.size(); ++channel) {
    result.data_ptr<double>()[channel] = 255 * values[channel];
  }
  return result.to(device, at::kFloat);
}

}  // namespace

ImageBatches::ImageBatches(const Dataset& dataset, const PixelStatistics& statistics, at::Device device) {
  const std::int64_t count = dataset.size();
  const at::Tensor planes = at::from_blob(const_cast<std::uint8_t*>(dataset.pixels.data()),
                                          {count, image_channels, image_size, image_size}, at::kByte);
  at::Tensor framed = at::zeros({count, framed_size, framed_size, image_channels}, at::kByte);
  framed.slice(1, frame, frame + image_size)
      .slice(2, frame, frame + image_size)
      .copy_(planes.permute({0, 2, 3, 1}));
  pixels_ = framed.view({-1, image_channels}).to(device);
  labels_ = at::from_blob(const_cast<std::uint8_t*>(dataset.labels.data()), {count}, at::kByte)
                .to(device, at::kLong);
  mean_ = bytes_of(statistics.mean, device);
  deviation_ = bytes_of(statistics.deviation, device);
  epoch_order_ = at::zeros_like(labels_);
  epoch_corner_ = at::zeros_like(labels_);
  epoch_flip_ = at::zeros_like(labels_);
  side_ = at::arange(image_size, at::TensorOptions(at::kLong).device(device));
}

at::Tensor ImageBatches::cut_by_tensors(const at::Tensor& corner, const at::Tensor& flip) const {
  const at::Tensor rows = corner.unsqueeze(1) + side_ * framed_size;
  const at::Tensor columns = side_ + flip.unsqueeze(1) * (image_size - 1 - 2 * side_);
  const at::Tensor positions = (rows.unsqueeze(2) + columns.unsqueeze(1)).view(-1);
  return pixels_.index_select(0, positions)
      .view({corner.size(0), image_size, image_size, image_channels})
      .to(at::kFloat)
      .sub_(mean_)
      .div_(deviation_);
}

at::Tensor ImageBatches::cut_by_loops(const at::Tensor& corner, const at::Tensor& flip) const {
  constexpr std::int64_t row_numbers = image_size * image_channels;
  using Row = std::array<float, row_numbers>;
  Row mean{}, deviation{};
  for (std::int64_t number = 0; number < row_numbers; ++number) {
    mean[static_cast<std::size_t>(number)] = mean_.data_ptr<float>()[number % image_channels];
    deviation[static_cast<std::size_t>(number)] = deviation_.data_ptr<float>()[number % image_channels];
  }
  at::Tensor images = at::empty({corner.size(0), image_size, image_size, image_channels}, at::kFloat);
  at::parallel_for(0, corner.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
    std::array<std::uint8_t, row_numbers> row{};
    for (std::int64_t line = begin * image_size; line < end * image_size; ++line) {
      const std::int64_t image = line / image_size;
      const std::uint8_t* from =
          pixels_.data_ptr<std::uint8_t>() +
          (corner.data_ptr<std::int64_t>()[image] + line % image_size * framed_size) * image_channels;
      std::copy_n(from, row_numbers, row.begin());
      if (flip.data_ptr<std::int64_t>()[image] != 0) {
        std::reverse(row.begin(), row.end());  // of pixels and colours
        for (std::size_t pixel = 0; pixel < row.size(); pixel += image_channels) {
          std::swap(row[pixel], row[pixel + image_channels - 1]);
        }
      }
      float* to = images.data_ptr<float>() + line * row_numbers;
      for (std::size_t number = 0; number < row.size(); ++number) {
        to[number] = (static_cast<float>(row[number]) - mean[number]) / deviation[number];
      }
    }
  });
  return images;
}

Batch ImageBatches::cut(const at::Tensor& corner, const at::Tensor& flip, const at::Tensor& labels) const {
  const at::Tensor images = pixels_.is_cpu() ? cut_by_loops(corner, flip) : cut_by_tensors(corner, flip);
  return {.images = images.permute({0, 3, 1, 2}), .labels = labels};
}

Batch ImageBatches::in_order(std::int64_t first, std::int64_t count) const {
  begin_batch();
  const at::Tensor corner =
      at::arange(first, first + count, labels_.options()) * framed_pixels + frame * (framed_size + 1);
  return cut(corner, at::zeros_like(corner), labels_.narrow(0, first, count));
}

void ImageBatches::start_epoch(std::uint64_t seed, std::uint32_t epoch, bool augment) {
  const std::vector<std::int64_t> order =
      permutation(size(), CounterRandom(seed, RandomPurpose::order, epoch));
  std::vector<std::int64_t> corner, flip;
  corner.reserve(order.size());
  flip.reserve(order.size());
  const CounterRandom random(seed, RandomPurpose::augmentation, epoch);
  for (const std::int64_t image : order) {
    std::int64_t row = frame;
    std::int64_t column = frame;
    std::int64_t flipped = 0;
    if (augment) {
      const auto words = random(static_cast<std::uint64_t>(image));
      row = below(2 * frame + 1, words[0]);
      column = below(2 * frame + 1, words[1]);
      flipped = below(2, words[2]);
    }
    corner.push_back(image * framed_pixels + row * framed_size + column);
    flip.push_back(flipped);
  }
  epoch_order_.copy_(viewed(order));
  epoch_corner_.copy_(viewed(corner));
  epoch_flip_.copy_(viewed(flip));
}

Batch ImageBatches::of_epoch(const at::Tensor& first, std::int64_t count) const {
  const at::Tensor places = first + at::arange(count, first.options());
  return cut(epoch_corner_.index_select(0, places), epoch_flip_.index_select(0, places),
             labels_.index_select(0, epoch_order_.index_select(0, places)));
}

Batch ImageBatches::of_epoch(std::int64_t first, std::int64_t count) const {
  begin_batch();
  return of_epoch(at::full({1}, first, labels_.options()), count);
}

}  // namespace bncollapse::nets
