// In place of nets/src/torch.hpp: the little of LibTorch that the reader of tensor files uses, so that it can
// be built by Clang, which does not take LibTorch 1.13's headers as C++20, and under sanitizers, which
// LibTorch is built without.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace at {

enum class ScalarType { Byte, Long, Float, Double };
inline constexpr ScalarType kByte = ScalarType::Byte, kLong = ScalarType::Long, kFloat = ScalarType::Float,
                            kDouble = ScalarType::Double;

}  // namespace at

namespace c10 {

inline std::size_t elementSize(at::ScalarType type) {
  switch (type) {
    case at::kByte:
      return 1;
    case at::kFloat:
      return 4;
    default:
      return 8;
  }
}

}  // namespace c10

namespace at {

class Tensor {
 public:
  struct Sizes {
    std::vector<std::int64_t> extents;
    const std::vector<std::int64_t>& vec() const { return extents; }
  };

  Tensor(const std::vector<std::int64_t>& extents, ScalarType type) : sizes_{extents}, type_(type) {
    std::size_t size = c10::elementSize(type);
    for (const std::int64_t extent : extents) size *= static_cast<std::size_t>(extent);
    bytes_.resize(size);
  }

  Tensor detach() const { return *this; }
  Tensor cpu() const { return *this; }
  Tensor contiguous() const { return *this; }
  void* data_ptr() { return bytes_.data(); }
  const void* data_ptr() const { return bytes_.data(); }
  std::size_t nbytes() const { return bytes_.size(); }
  ScalarType scalar_type() const { return type_; }
  const Sizes& sizes() const { return sizes_; }

 private:
  Sizes sizes_;
  ScalarType type_;
  std::vector<char> bytes_;
};

inline Tensor empty(const std::vector<std::int64_t>& extents, ScalarType type) { return {extents, type}; }

}  // namespace at
