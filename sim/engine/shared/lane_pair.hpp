// PairedLane<L>: two lanes that step side by side, instruction by instruction, where one alone would leave
// the processor waiting. The operations are documented in lane_scalar.hpp.

#if defined(BNC_SIM_LANE_PAIR_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_LANE_PAIR_HPP
#undef BNC_SIM_LANE_PAIR_HPP
#else
#define BNC_SIM_LANE_PAIR_HPP
#endif

#include <cstdint>

#include "shared/simd_target.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class V>
struct Decomposed;  // by the lanes' own headers

/// Two of a lane's masks, bits or wide words.
template <class Part>
struct PairedMask {
  Part low, high;
};
template <class Part>
struct PairedBits {
  Part low, high;
};
template <class Part>
struct PairedWide {
  Part low, high;
};

template <class Part>
BNC_HD PairedMask<Part> operator&(PairedMask<Part> a, PairedMask<Part> b) {
  return {a.low & b.low, a.high & b.high};
}
template <class Part>
BNC_HD PairedMask<Part> operator|(PairedMask<Part> a, PairedMask<Part> b) {
  return {a.low | b.low, a.high | b.high};
}
template <class Part>
BNC_HD PairedMask<Part> operator!(PairedMask<Part> a) {
  return {!a.low, !a.high};
}
template <class Part>
BNC_HD bool any(PairedMask<Part> a) {
  return any(a.low | a.high);
}
template <class Part>
BNC_HD bool all(PairedMask<Part> a) {
  return all(a.low & a.high);
}
template <class Part>
BNC_HD PairedBits<Part> operator&(PairedBits<Part> a, std::uint32_t b) {
  return {a.low & b, a.high & b};
}
template <class Part>
BNC_HD PairedBits<Part> operator|(PairedBits<Part> a, std::uint32_t b) {
  return {a.low | b, a.high | b};
}
template <int count, class Part>
BNC_HD PairedBits<Part> shift_right(PairedBits<Part> a) {
  return {shift_right<count>(a.low), shift_right<count>(a.high)};
}

template <class L>
class PairedLane {
 public:
  using Part = L;
  using Scalar = typename L::Scalar;
  using Mask = PairedMask<typename L::Mask>;
  using Bits = PairedBits<typename L::Bits>;
  using Wide = PairedWide<typename L::Wide>;
  static constexpr int vectors = 2;
  static constexpr int width = 2 * L::width;

  PairedLane() = default;
  BNC_HD explicit PairedLane(Scalar value) : low(value), high(value) {}
  BNC_HD PairedLane(L low_part, L high_part) : low(low_part), high(high_part) {}

  template <class From>
  BNC_HD static PairedLane load(const From* from) {
    return {L::load(from), L::load(from + L::width)};
  }
  BNC_HD void store(Scalar* to) const {
    low.store(to);
    high.store(to + L::width);
  }

  BNC_HD static Wide broadcast_wide(std::uint64_t word) {
    return {L::broadcast_wide(word), L::broadcast_wide(word)};
  }
  BNC_HD static Wide iota_wide(std::uint64_t first) {
    return {L::iota_wide(first), L::iota_wide(first + L::width)};
  }

  L low, high;
};

template <class L>
BNC_HD PairedLane<L> operator+(PairedLane<L> a, PairedLane<L> b) {
  return {a.low + b.low, a.high + b.high};
}
template <class L>
BNC_HD PairedLane<L> operator-(PairedLane<L> a, PairedLane<L> b) {
  return {a.low - b.low, a.high - b.high};
}
template <class L>
BNC_HD PairedLane<L> operator*(PairedLane<L> a, PairedLane<L> b) {
  return {a.low * b.low, a.high * b.high};
}
template <class L>
BNC_HD PairedLane<L> operator/(PairedLane<L> a, PairedLane<L> b) {
  return {a.low / b.low, a.high / b.high};
}
template <class L>
BNC_HD PairedLane<L> operator-(PairedLane<L> a) {
  return {-a.low, -a.high};
}
template <class L>
BNC_HD typename PairedLane<L>::Mask operator<(PairedLane<L> a, PairedLane<L> b) {
  return {a.low < b.low, a.high < b.high};
}
template <class L>
BNC_HD typename PairedLane<L>::Mask operator>(PairedLane<L> a, PairedLane<L> b) {
  return {a.low > b.low, a.high > b.high};
}
template <class L>
BNC_HD typename PairedLane<L>::Mask operator<=(PairedLane<L> a, PairedLane<L> b) {
  return {a.low <= b.low, a.high <= b.high};
}
template <class L>
BNC_HD typename PairedLane<L>::Mask operator>=(PairedLane<L> a, PairedLane<L> b) {
  return {a.low >= b.low, a.high >= b.high};
}
template <class L>
BNC_HD typename PairedLane<L>::Mask operator==(PairedLane<L> a, PairedLane<L> b) {
  return {a.low == b.low, a.high == b.high};
}

template <class Part, class L>
BNC_HD PairedLane<L> select(PairedMask<Part> mask, PairedLane<L> a, PairedLane<L> b) {
  return {select(mask.low, a.low, b.low), select(mask.high, a.high, b.high)};
}
template <class L>
BNC_HD PairedLane<L> fma(PairedLane<L> a, PairedLane<L> b, PairedLane<L> c) {
  return {fma(a.low, b.low, c.low), fma(a.high, b.high, c.high)};
}
template <class L>
BNC_HD PairedLane<L> fnma(PairedLane<L> a, PairedLane<L> b, PairedLane<L> c) {
  return {fnma(a.low, b.low, c.low), fnma(a.high, b.high, c.high)};
}
template <class L>
BNC_HD PairedLane<L> sqrt(PairedLane<L> a) {
  return {sqrt(a.low), sqrt(a.high)};
}
template <class L>
BNC_HD PairedLane<L> abs(PairedLane<L> a) {
  return {abs(a.low), abs(a.high)};
}
template <class L>
BNC_HD PairedLane<L> round(PairedLane<L> a) {
  return {round(a.low), round(a.high)};
}
template <class L>
BNC_HD PairedLane<L> exp2_integer(PairedLane<L> a) {
  return {exp2_integer(a.low), exp2_integer(a.high)};
}
template <class L>
BNC_HD PairedLane<L> min(PairedLane<L> a, PairedLane<L> b) {
  return {min(a.low, b.low), min(a.high, b.high)};
}
template <class L>
BNC_HD PairedLane<L> max(PairedLane<L> a, PairedLane<L> b) {
  return {max(a.low, b.low), max(a.high, b.high)};
}
template <class L>
BNC_HD Decomposed<PairedLane<L>> decompose(PairedLane<L> a) {
  const Decomposed<L> low = decompose(a.low), high = decompose(a.high);
  return {{low.mantissa, high.mantissa}, {low.exponent, high.exponent}};
}

template <class V>
requires(V::vectors == 2) BNC_HD V to_real(typename V::Bits word) {
  return {to_real<typename V::Part>(word.low), to_real<typename V::Part>(word.high)};
}
template <class V>
requires(V::vectors == 2) BNC_HD V one_plus_fraction23(typename V::Bits word) {
  return {one_plus_fraction23<typename V::Part>(word.low), one_plus_fraction23<typename V::Part>(word.high)};
}
template <int bit, class L>
BNC_HD PairedLane<L> flip_sign_by_bit(PairedLane<L> a, typename PairedLane<L>::Bits word) {
  return {flip_sign_by_bit<bit>(a.low, word.low), flip_sign_by_bit<bit>(a.high, word.high)};
}

template <class Part>
BNC_HD PairedWide<Part> operator^(PairedWide<Part> a, PairedWide<Part> b) {
  return {a.low ^ b.low, a.high ^ b.high};
}
template <class Part>
BNC_HD PairedWide<Part> multiply_low32(PairedWide<Part> a, std::uint32_t multiplier) {
  return {multiply_low32(a.low, multiplier), multiply_low32(a.high, multiplier)};
}
template <class Part>
BNC_HD PairedWide<Part> high_half(PairedWide<Part> a) {
  return {high_half(a.low), high_half(a.high)};
}
template <class V, class Part>
requires(V::vectors == 2) BNC_HD typename V::Bits low_words(PairedWide<Part> a) {
  return {low_words<typename V::Part>(a.low), low_words<typename V::Part>(a.high)};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#endif
