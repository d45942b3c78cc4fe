#include "image_batches.hpp"

#include <vector>

#include "counter_random.hpp"
#include "permutation.hpp"

namespace bncollapse::nets {
namespace {

constexpr std::int64_t frame = 4;
constexpr std::int64_t framed_size = image_size + 2 * frame;
constexpr std::int64_t framed_pixels = framed_size * framed_size;

at::Tensor copied(const std::vector<std::int64_t>& values, at::Device device) {
  return at::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                       at::kLong)
      .to(device, at::kLong, false, true);
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
  side_ = at::arange(image_size, at::TensorOptions(at::kLong).device(device));
}

Batch ImageBatches::cut(const at::Tensor& rows, const at::Tensor& columns, const at::Tensor& labels) const {
  const at::Tensor positions = (rows.unsqueeze(2) + columns.unsqueeze(1)).view(-1);
  const at::Tensor pixels =
      pixels_.index_select(0, positions).view({labels.size(0), image_size, image_size, image_channels});
  return {.images = pixels.to(at::kFloat).sub_(mean_).div_(deviation_).permute({0, 3, 1, 2}),
          .labels = labels};
}

Batch ImageBatches::in_order(std::int64_t first, std::int64_t count) const {
  const at::Tensor corner =
      at::arange(first, first + count, labels_.options()) * framed_pixels + frame * (framed_size + 1);
  return cut(corner.unsqueeze(1) + side_ * framed_size, side_.expand({count, image_size}),
             labels_.narrow(0, first, count));
}

void ImageBatches::start_epoch(std::uint64_t seed, std::uint32_t epoch, bool augment) {
  const std::vector<std::int64_t> order = permutation(size(), CounterRandom(seed, Purpose::order, epoch));
  std::vector<std::int64_t> corner, flip;
  corner.reserve(order.size());
  flip.reserve(order.size());
  const CounterRandom random(seed, Purpose::augmentation, epoch);
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
  epoch_order_ = copied(order, labels_.device());
  epoch_corner_ = copied(corner, labels_.device());
  epoch_flip_ = copied(flip, labels_.device());
}

Batch ImageBatches::of_epoch(std::int64_t first, std::int64_t count) const {
  const at::Tensor corner = epoch_corner_.narrow(0, first, count).unsqueeze(1);
  const at::Tensor flip = epoch_flip_.narrow(0, first, count).unsqueeze(1);
  const at::Tensor columns = side_ + flip * (image_size - 1 - 2 * side_);
  return cut(corner + side_ * framed_size, columns,
             labels_.index_select(0, epoch_order_.narrow(0, first, count)));
}

}  // namespace bncollapse::nets
