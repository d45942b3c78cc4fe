#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bncollapse::nets {

inline constexpr std::uint64_t fnv1a_start = 0xcbf29ce484222325;

/// FNV-1a, 64 bits, over words of 8 bytes and then the bytes left.
inline std::uint64_t fnv1a(std::uint64_t state, const void* data, std::size_t size) {
  constexpr std::uint64_t prime = 0x100000001b3;
  const auto* bytes = static_cast<const unsigned char*>(data);
  std::size_t offset = 0;
  for (; offset + 8 <= size; offset += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + offset, 8);
    state = (state ^ word) * prime;
  }
  for (; offset < size; ++offset) {
    state = (state ^ bytes[offset]) * prime;
  }
  return state;
}

}  // namespace bncollapse::nets
