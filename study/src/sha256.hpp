#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bncollapse::study {

/// SHA-256 (FIPS 180-4) of bytes that come in parts.
class Sha256 {
 public:
  static constexpr std::size_t block_size = 64;

  void add(std::string_view bytes);
  /// Of all that was added, as 64 hexadecimal digits.
  std::string digest() const;

 private:
  /// FIPS 180-4, section 5.3.3.
  std::array<std::uint32_t, 8> hash_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;  ///< shorter than a block
  std::uint64_t size_ = 0;
};

/// Of `bytes` in one part.
std::string sha256(std::string_view bytes);

}  // namespace bncollapse::study
