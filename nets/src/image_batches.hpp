#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "bncollapse/nets/dataset.hpp"
#include "torch.hpp"

namespace bncollapse::nets {

struct Batch {
  at::Tensor images;  ///< count x 3 x 32 x 32, normalised, channels-last
  at::Tensor labels;  ///< count
};

/// A data set on a device, as bytes, each image framed by 4 black pixels. Batches are cut out by tensor
/// operations.
class ImageBatches {
 public:
  ImageBatches(const Dataset& dataset, const PixelStatistics& statistics, at::Device device);

  std::int64_t size() const { return labels_.size(0); }

  /// Called before a batch is made, but those of an epoch's step that a device has captured.
  void before_batches(std::function<void()> call) { before_batch_ = std::move(call); }

  /// Images first .. first+count-1 as they are.
  Batch in_order(std::int64_t first, std::int64_t count) const;

  /// Orders the images anew and, with `augment`, draws for each a 32 x 32 crop of the framed image and
  /// whether it is flipped left to right: a pure function of (seed, epoch, index of the image).
  void start_epoch(std::uint64_t seed, std::uint32_t epoch, bool augment);

  /// Images first .. first+count-1 of the epoch's order; `first`: one whole number on the device.
  Batch of_epoch(const at::Tensor& first, std::int64_t count) const;
  Batch of_epoch(std::int64_t first, std::int64_t count) const;

 private:
  void begin_batch() const {
    if (before_batch_) {
      before_batch_();
    }
  }
  /// Images from their upper left corners in pixels_; flip: 1 flipped, 0 not. The two ways give the same
  /// bits: a device is quick at tensor operations, a processor at a loop.
  Batch cut(const at::Tensor& corner, const at::Tensor& flip, const at::Tensor& labels) const;
  at::Tensor cut_by_tensors(const at::Tensor& corner, const at::Tensor& flip) const;
  at::Tensor cut_by_loops(const at::Tensor& corner, const at::Tensor& flip) const;

  std::function<void()> before_batch_;
  at::Tensor pixels_;            ///< (size * 40 * 40) x 3
  at::Tensor labels_;            ///< size
  at::Tensor mean_, deviation_;  ///< of a byte, 3 each
  at::Tensor side_;              ///< 0 .. 31
  at::Tensor epoch_order_;       ///< size: the image at each position
  at::Tensor epoch_corner_;      ///< size: position in pixels_ of the crop's upper left corner
  at::Tensor epoch_flip_;        ///< size: 1 flipped, 0 not
};

}  // namespace bncollapse::nets
