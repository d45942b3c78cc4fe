// VectorLane<T>, one vector of the current Highway target. See lane.hpp; the operations are documented in
// lane_scalar.hpp.

#if defined(BNC_SIM_LANE_VECTOR_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_LANE_VECTOR_HPP
#undef BNC_SIM_LANE_VECTOR_HPP
#else
#define BNC_SIM_LANE_VECTOR_HPP
#endif

#include <cstdint>
#include <type_traits>

#include "hwy/highway.h"
#include "shared/simd_target.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::ScalableTag<T>;
template <class T>
using Vector = hn::Vec<Tag<T>>;
/// The unsigned integer of T's size.
template <class T>
using Unsigned = hwy::MakeUnsigned<T>;
using WideVector = Vector<std::uint64_t>;

template <class T>
struct VectorMask {
  hn::Mask<Tag<T>> value;
};
template <class T>
BNC_HD VectorMask<T> operator&(VectorMask<T> a, VectorMask<T> b) {
  return {hn::And(a.value, b.value)};
}
template <class T>
BNC_HD VectorMask<T> operator|(VectorMask<T> a, VectorMask<T> b) {
  return {hn::Or(a.value, b.value)};
}
template <class T>
BNC_HD VectorMask<T> operator!(VectorMask<T> a) {
  return {hn::Not(a.value)};
}
template <class T>
BNC_HD bool any(VectorMask<T> a) {
  return !hn::AllFalse(Tag<T>(), a.value);
}
template <class T>
BNC_HD bool all(VectorMask<T> a) {
  return hn::AllTrue(Tag<T>(), a.value);
}
template <class T>
BNC_HD std::uint64_t mask_bits(VectorMask<T> a) {
  std::uint8_t bytes[8] = {};
  hn::StoreMaskBits(Tag<T>(), a.value, bytes);
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return bits;
}

template <class T>
struct VectorBits {
  Vector<Unsigned<T>> value;
};
template <class T>
BNC_HD VectorBits<T> operator&(VectorBits<T> a, std::uint32_t b) {
  return {hn::And(a.value, hn::Set(Tag<Unsigned<T>>(), b))};
}
template <class T>
BNC_HD VectorBits<T> operator|(VectorBits<T> a, std::uint32_t b) {
  return {hn::Or(a.value, hn::Set(Tag<Unsigned<T>>(), b))};
}
template <int count, class T>
BNC_HD VectorBits<T> shift_right(VectorBits<T> a) {
  return {hn::ShiftRight<count>(a.value)};
}

/// float: the trajectories of even and of odd index; double: `even` alone holds them all.
template <class T>
struct VectorWide;
template <>
struct VectorWide<float> {
  WideVector even, odd;
};
template <>
struct VectorWide<double> {
  WideVector even;
};

template <class T>
class VectorLane {
 public:
  using Scalar = T;
  static constexpr int vectors = 1;
  using Mask = VectorMask<T>;
  using Bits = VectorBits<T>;
  using Wide = VectorWide<T>;
  static constexpr int width = static_cast<int>(hn::MaxLanes(Tag<T>()));

  VectorLane() = default;
  BNC_HD explicit VectorLane(T value) : value_(hn::Set(Tag<T>(), value)) {}
  BNC_HD explicit VectorLane(Vector<T> value) : value_(value) {}

  template <class From>
  BNC_HD static VectorLane load(const From* from) {
    if constexpr (std::is_same_v<From, T>) {
      return VectorLane(hn::LoadU(Tag<T>(), from));
    } else {
      return VectorLane(hn::PromoteTo(Tag<T>(), hn::LoadU(hn::Rebind<From, Tag<T>>(), from)));
    }
  }
  BNC_HD void store(T* to) const { hn::StoreU(value_, Tag<T>(), to); }

  BNC_HD static Wide broadcast_wide(std::uint64_t word) {
    const WideVector all = hn::Set(Tag<std::uint64_t>(), word);
    if constexpr (std::is_same_v<T, float>) {
      return {all, all};
    } else {
      return {all};
    }
  }
  BNC_HD static Wide iota_wide(std::uint64_t first) {
    const Tag<std::uint64_t> wide;
    const WideVector start = hn::Set(wide, first);
    const WideVector index = hn::Iota(wide, 0);
    if constexpr (std::is_same_v<T, float>) {
      const WideVector twice = hn::Add(index, index);
      return {hn::Add(start, twice), hn::Add(hn::Add(start, hn::Set(wide, 1)), twice)};
    } else {
      return {hn::Add(start, index)};
    }
  }

  BNC_HD Vector<T> value() const { return value_; }

 private:
  Vector<T> value_;
};

template <class T>
BNC_HD VectorLane<T> operator+(VectorLane<T> a, VectorLane<T> b) {
  return VectorLane<T>(hn::Add(a.value(), b.value()));
}
template <class T>
BNC_HD VectorLane<T> operator-(VectorLane<T> a, VectorLane<T> b) {
  return VectorLane<T>(hn::Sub(a.value(), b.value()));
}
template <class T>
BNC_HD VectorLane<T> operator*(VectorLane<T> a, VectorLane<T> b) {
  return VectorLane<T>(hn::Mul(a.value(), b.value()));
}
template <class T>
BNC_HD VectorLane<T> operator/(VectorLane<T> a, VectorLane<T> b) {
  return VectorLane<T>(hn::Div(a.value(), b.value()));
}
template <class T>
BNC_HD VectorLane<T> operator-(VectorLane<T> a) {
  return VectorLane<T>(hn::Neg(a.value()));
}
template <class T>
BNC_HD VectorMask<T> operator<(VectorLane<T> a, VectorLane<T> b) {
  return {hn::Lt(a.value(), b.value())};
}
template <class T>
BNC_HD VectorMask<T> operator>(VectorLane<T> a, VectorLane<T> b) {
  return {hn::Gt(a.value(), b.value())};
}
template <class T>
BNC_HD VectorMask<T> operator<=(VectorLane<T> a, VectorLane<T> b) {
  return {hn::Le(a.value(), b.value())};
}
template <class T>
BNC_HD VectorMask<T> operator>=(VectorLane<T> a, VectorLane<T> b) {
  return {hn::Ge(a.value(), b.value())};
}
template <class T>
BNC_HD VectorMask<T> operator==(VectorLane<T> a, VectorLane<T> b) {
  return {hn::Eq(a.value(), b.value())};
}

template <class T>
BNC_HD VectorLane<T> select(VectorMask<T> mask, VectorLane<T> a, VectorLane<T> b) {
  return VectorLane<T>(hn::IfThenElse(mask.value, a.value(), b.value()));
}
template <class T>
BNC_HD VectorLane<T> fma(VectorLane<T> a, VectorLane<T> b, VectorLane<T> c) {
  return VectorLane<T>(hn::MulAdd(a.value(), b.value(), c.value()));
}
template <class T>
BNC_HD VectorLane<T> fnma(VectorLane<T> a, VectorLane<T> b, VectorLane<T> c) {
  return VectorLane<T>(hn::NegMulAdd(a.value(), b.value(), c.value()));
}
template <class T>
BNC_HD VectorLane<T> sqrt(VectorLane<T> a) {
  return VectorLane<T>(hn::Sqrt(a.value()));
}
template <class T>
BNC_HD VectorLane<T> abs(VectorLane<T> a) {
  return VectorLane<T>(hn::Abs(a.value()));
}
template <class T>
BNC_HD VectorLane<T> min(VectorLane<T> a, VectorLane<T> b) {
  return select(a < b, a, b);
}
template <class T>
BNC_HD VectorLane<T> max(VectorLane<T> a, VectorLane<T> b) {
  return select(a > b, a, b);
}
template <class T>
BNC_HD VectorLane<T> round(VectorLane<T> a) {
  return VectorLane<T>(hn::Round(a.value()));
}

/// The double that is an integer below 2^52 held in 64-bit lanes, exact.
BNC_HD Vector<double> small_integer_to_double(WideVector integer) {
  const Tag<double> real;
  const auto with_exponent = hn::Or(integer, hn::Set(Tag<std::uint64_t>(), 0x4330000000000000ULL));
  return hn::Sub(hn::BitCast(real, with_exponent), hn::Set(real, 0x1p52));
}

template <class V>
struct Decomposed {
  V mantissa, exponent;
};
BNC_HD Decomposed<VectorLane<float>> decompose(VectorLane<float> a) {
  const Tag<float> real;
  const Tag<std::int32_t> integer;
  const auto sqrt_half = hn::Set(integer, 0x3f3504f3);
  const auto offset = hn::Sub(hn::BitCast(integer, a.value()), sqrt_half);
  const auto mantissa = hn::Add(hn::And(offset, hn::Set(integer, 0x7fffff)), sqrt_half);
  return {VectorLane<float>(hn::BitCast(real, mantissa)),
          VectorLane<float>(hn::ConvertTo(real, hn::ShiftRight<23>(offset)))};
}
BNC_HD Decomposed<VectorLane<double>> decompose(VectorLane<double> a) {
  const Tag<double> real;
  const Tag<std::uint64_t> integer;
  const auto sqrt_half = hn::Set(integer, 0x3fe6a09e667f3bcdULL);
  const auto offset = hn::Sub(hn::BitCast(integer, a.value()), sqrt_half);
  const auto mantissa = hn::Add(hn::And(offset, hn::Set(integer, 0xfffffffffffffULL)), sqrt_half);
  const auto biased = hn::ShiftRight<52>(hn::Add(offset, hn::Set(integer, 1023ULL << 52)));
  return {VectorLane<double>(hn::BitCast(real, mantissa)),
          VectorLane<double>(hn::Sub(small_integer_to_double(biased), hn::Set(real, 1023)))};
}
BNC_HD VectorLane<float> exp2_integer(VectorLane<float> k) {
  const Tag<std::int32_t> integer;
  const auto biased = hn::Add(hn::ConvertTo(integer, k.value()), hn::Set(integer, 127));
  return VectorLane<float>(hn::BitCast(Tag<float>(), hn::ShiftLeft<23>(biased)));
}
BNC_HD VectorLane<double> exp2_integer(VectorLane<double> k) {
  const Tag<double> real;
  const auto biased = hn::Add(k.value(), hn::Set(real, 0x1p52 + 1023));
  return VectorLane<double>(hn::BitCast(real, hn::ShiftLeft<52>(hn::BitCast(Tag<std::uint64_t>(), biased))));
}

template <class V>
requires(V::vectors == 1) BNC_HD V to_real(typename V::Bits word) {
  if constexpr (std::is_same_v<typename V::Scalar, float>) {
    return V(hn::ConvertTo(Tag<float>(), hn::BitCast(Tag<std::int32_t>(), word.value)));
  } else {
    return V(small_integer_to_double(word.value));
  }
}
template <class V>
requires(V::vectors == 1) BNC_HD V one_plus_fraction23(typename V::Bits word) {
  using T = typename V::Scalar;
  if constexpr (std::is_same_v<T, float>) {
    return V(hn::BitCast(Tag<T>(), hn::Or(word.value, hn::Set(Tag<std::uint32_t>(), 0x3f800000U))));
  } else {
    return V(hn::BitCast(Tag<T>(), hn::Or(hn::ShiftLeft<29>(word.value),
                                          hn::Set(Tag<std::uint64_t>(), 0x3ff0000000000000ULL))));
  }
}
template <int bit, class T>
BNC_HD VectorLane<T> flip_sign_by_bit(VectorLane<T> a, VectorBits<T> word) {
  const Tag<T> real;
  constexpr int to_sign = static_cast<int>(8 * sizeof(T)) - 1 - bit;
  const auto moved = hn::BitCast(real, hn::ShiftLeft<to_sign>(word.value));
  return VectorLane<T>(hn::Xor(a.value(), hn::And(moved, hn::SignBit(real))));
}

BNC_HD WideVector multiply_low32(WideVector a, std::uint32_t multiplier) {
  const Tag<std::uint32_t> word;
  return hn::MulEven(hn::BitCast(word, a), hn::Set(word, multiplier));
}
BNC_HD VectorWide<float> operator^(VectorWide<float> a, VectorWide<float> b) {
  return {hn::Xor(a.even, b.even), hn::Xor(a.odd, b.odd)};
}
BNC_HD VectorWide<double> operator^(VectorWide<double> a, VectorWide<double> b) {
  return {hn::Xor(a.even, b.even)};
}
BNC_HD VectorWide<float> multiply_low32(VectorWide<float> a, std::uint32_t multiplier) {
  return {multiply_low32(a.even, multiplier), multiply_low32(a.odd, multiplier)};
}
BNC_HD VectorWide<double> multiply_low32(VectorWide<double> a, std::uint32_t multiplier) {
  return {multiply_low32(a.even, multiplier)};
}
BNC_HD VectorWide<float> high_half(VectorWide<float> a) {
  return {hn::ShiftRight<32>(a.even), hn::ShiftRight<32>(a.odd)};
}
BNC_HD VectorWide<double> high_half(VectorWide<double> a) { return {hn::ShiftRight<32>(a.even)}; }

template <class V>
requires(V::vectors == 1) BNC_HD VectorBits<float> low_words(VectorWide<float> a) {
  const Tag<std::uint32_t> word;
  return {hn::OddEven(hn::BitCast(word, hn::ShiftLeft<32>(a.odd)), hn::BitCast(word, a.even))};
}
template <class V>
requires(V::vectors == 1) BNC_HD VectorBits<double> low_words(VectorWide<double> a) {
  return {hn::And(a.even, hn::Set(Tag<std::uint64_t>(), 0xffffffffULL))};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
