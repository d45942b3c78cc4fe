// Lane<T> as one number. See lane.hpp.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "shared/simd_target.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

struct ScalarMask {
  bool value;
};
BNC_HD ScalarMask operator&(ScalarMask a, ScalarMask b) { return {a.value && b.value}; }
BNC_HD ScalarMask operator|(ScalarMask a, ScalarMask b) { return {a.value || b.value}; }
BNC_HD ScalarMask operator!(ScalarMask a) { return {!a.value}; }
BNC_HD bool any(ScalarMask a) { return a.value; }
BNC_HD bool all(ScalarMask a) { return a.value; }
/// Bit i is lane i.
BNC_HD std::uint64_t mask_bits(ScalarMask a) { return a.value ? 1U : 0U; }

struct ScalarBits {
  std::uint32_t value;
};
BNC_HD ScalarBits operator&(ScalarBits a, std::uint32_t b) { return {a.value & b}; }
BNC_HD ScalarBits operator|(ScalarBits a, std::uint32_t b) { return {a.value | b}; }
template <int count>
BNC_HD ScalarBits shift_right(ScalarBits a) {
  return {a.value >> count};
}

/// In halves: a device works on 32 bits at a time.
struct ScalarWide {
  std::uint32_t low, high;
};
BNC_HD ScalarWide wide(std::uint64_t word) {
  return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32)};
}
BNC_HD ScalarWide operator^(ScalarWide a, ScalarWide b) { return {a.low ^ b.low, a.high ^ b.high}; }

template <class T>
class Lane {
 public:
  using Scalar = T;
  using Mask = ScalarMask;
  using Bits = ScalarBits;
  using Wide = ScalarWide;
  static constexpr int vectors = 1, width = 1;

  Lane() = default;
  BNC_HD explicit Lane(T value) : value_(value) {}

  /// A narrower number is widened, which is exact.
  template <class From>
  BNC_HD static Lane load(const From* from) {
    return Lane(T{*from});
  }
  BNC_HD void store(T* to) const { *to = value_; }

  BNC_HD static Wide broadcast_wide(std::uint64_t word) { return wide(word); }
  /// first, first + 1, ...: the trajectories of these lanes.
  BNC_HD static Wide iota_wide(std::uint64_t first) { return wide(first); }

  BNC_HD T value() const { return value_; }

 private:
  T value_;
};

template <class T>
BNC_HD Lane<T> operator+(Lane<T> a, Lane<T> b) {
  return Lane<T>(a.value() + b.value());
}
template <class T>
BNC_HD Lane<T> operator-(Lane<T> a, Lane<T> b) {
  return Lane<T>(a.value() - b.value());
}
template <class T>
BNC_HD Lane<T> operator*(Lane<T> a, Lane<T> b) {
  return Lane<T>(a.value() * b.value());
}
template <class T>
BNC_HD Lane<T> operator/(Lane<T> a, Lane<T> b) {
  return Lane<T>(a.value() / b.value());
}
template <class T>
BNC_HD Lane<T> operator-(Lane<T> a) {
  return Lane<T>(-a.value());
}
// Named, since nvcc loses braces that stand alone where host code instantiates the template.
template <class T>
BNC_HD ScalarMask operator<(Lane<T> a, Lane<T> b) {
  return ScalarMask{a.value() < b.value()};
}
template <class T>
BNC_HD ScalarMask operator>(Lane<T> a, Lane<T> b) {
  return ScalarMask{a.value() > b.value()};
}
template <class T>
BNC_HD ScalarMask operator<=(Lane<T> a, Lane<T> b) {
  return ScalarMask{a.value() <= b.value()};
}
template <class T>
BNC_HD ScalarMask operator>=(Lane<T> a, Lane<T> b) {
  return ScalarMask{a.value() >= b.value()};
}
template <class T>
BNC_HD ScalarMask operator==(Lane<T> a, Lane<T> b) {
  return ScalarMask{a.value() == b.value()};
}

/// mask ? a : b
template <class T>
BNC_HD Lane<T> select(ScalarMask mask, Lane<T> a, Lane<T> b) {
  return mask.value ? a : b;
}
/// a b + c, rounded once
template <class T>
BNC_HD Lane<T> fma(Lane<T> a, Lane<T> b, Lane<T> c) {
  return Lane<T>(std::fma(a.value(), b.value(), c.value()));
}
/// c - a b, rounded once
template <class T>
BNC_HD Lane<T> fnma(Lane<T> a, Lane<T> b, Lane<T> c) {
  return Lane<T>(std::fma(-a.value(), b.value(), c.value()));
}
template <class T>
BNC_HD Lane<T> sqrt(Lane<T> a) {
  return Lane<T>(std::sqrt(a.value()));
}
template <class T>
BNC_HD Lane<T> abs(Lane<T> a) {
  return Lane<T>(std::fabs(a.value()));
}
template <class T>
BNC_HD Lane<T> min(Lane<T> a, Lane<T> b) {
  return a.value() < b.value() ? a : b;
}
template <class T>
BNC_HD Lane<T> max(Lane<T> a, Lane<T> b) {
  return a.value() > b.value() ? a : b;
}
/// To the nearest integer, ties to even.
template <class T>
BNC_HD Lane<T> round(Lane<T> a) {
  return Lane<T>(std::rint(a.value()));
}

template <class T>
using ScalarInteger = std::conditional_t<std::is_same_v<T, float>, std::int32_t, std::int64_t>;
template <class T>
inline constexpr int mantissa_bits = std::is_same_v<T, float> ? 23 : 52;
template <class T>
inline constexpr ScalarInteger<T> exponent_bias = std::is_same_v<T, float> ? 127 : 1023;
/// sqrt(1/2) as an integer of T's size
template <class T>
inline constexpr ScalarInteger<T> sqrt_half_bits = static_cast<ScalarInteger<T>>(std::is_same_v<T, float>
                                                                                     ? 0x3f3504f3LL
                                                                                     : 0x3fe6a09e667f3bcdLL);

/// std::bit_cast, which devices have not.
template <class To, class From>
BNC_HD To bits_as(From from) {
  static_assert(sizeof(To) == sizeof(From));
  return __builtin_bit_cast(To, from);
}

/// a = mantissa 2^exponent, mantissa in [sqrt(1/2), sqrt(2)); a positive and normal.
template <class V>
struct Decomposed {
  V mantissa, exponent;
};
template <class T>
BNC_HD Decomposed<Lane<T>> decompose(Lane<T> a) {
  using Integer = ScalarInteger<T>;
  const Integer offset = bits_as<Integer>(a.value()) - sqrt_half_bits<T>;
  const Integer exponent = offset >> mantissa_bits<T>;
  const Integer mantissa = (offset & ((Integer{1} << mantissa_bits<T>)-1)) + sqrt_half_bits<T>;
  return {Lane<T>(bits_as<T>(mantissa)), Lane<T>(static_cast<T>(exponent))};
}
/// 2^k for an integer k between the smallest and the largest normal exponent.
template <class T>
BNC_HD Lane<T> exp2_integer(Lane<T> k) {
  using Integer = ScalarInteger<T>;
  return Lane<T>(bits_as<T>((static_cast<Integer>(k.value()) + exponent_bias<T>) << mantissa_bits<T>));
}

/// The number that a word below 2^31 is, correctly rounded.
template <class V>
requires(V::vectors == 1) BNC_HD V to_real(ScalarBits word) {
  return V(static_cast<typename V::Scalar>(static_cast<std::int32_t>(word.value)));
}
/// 1 + word / 2^23 for a word below 2^23, exact.
template <class V>
requires(V::vectors == 1) BNC_HD V one_plus_fraction23(ScalarBits word) {
  using T = typename V::Scalar;
  using Integer = ScalarInteger<T>;
  return V(bits_as<T>((static_cast<Integer>(word.value) << (mantissa_bits<T> - 23)) |
                      (exponent_bias<T> << mantissa_bits<T>)));
}
/// a with its sign turned where `bit` of the word is set.
template <int bit, class T>
BNC_HD Lane<T> flip_sign_by_bit(Lane<T> a, ScalarBits word) {
  return (word.value >> bit) & 1U ? -a : a;
}

/// The 64-bit product of the low halves of a and of `multiplier`.
BNC_HD ScalarWide multiply_low32(ScalarWide a, std::uint32_t multiplier) {
  return wide(std::uint64_t{a.low} * multiplier);
}
BNC_HD ScalarWide high_half(ScalarWide a) { return {a.high, 0}; }
/// The low halves, one per lane.
template <class V>
BNC_HD ScalarBits low_words(ScalarWide a) {
  return {a.low};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();
