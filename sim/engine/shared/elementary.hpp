// Elementary functions and the two normals of a draw, for one lane type. Only correctly rounded operations in
// a fixed order: the same bits on every engine. Errors are stated in units in the last place (ulp) of the
// format and measured by the tests over the whole range.

#if defined(BNC_SIM_ELEMENTARY_HPP) == defined(HWY_TARGET_TOGGLE)
#ifdef BNC_SIM_ELEMENTARY_HPP
#undef BNC_SIM_ELEMENTARY_HPP
#else
#define BNC_SIM_ELEMENTARY_HPP
#endif

#include <type_traits>

#include "shared/coefficients.hpp"
#include "shared/lane.hpp"

BNC_BEFORE_TARGET();
namespace bncollapse::sim {
namespace BNC_TARGET {

template <class V>
using Coefficients = coefficients::Of<typename V::Scalar>;

template <class V>
BNC_HD V constant(double value) {
  return V(static_cast<typename V::Scalar>(value));
}

#ifdef __CUDACC__
template <const auto& values>
__constant__ auto in_constant_memory = values;

/// An array of constants where a device's instructions find them: an instruction holds a float; a double
/// takes two moves, or comes from constant memory.
template <const auto& values>
BNC_HD decltype(auto) constants_on_device() {
  if constexpr (std::is_same_v<std::decay_t<decltype(values.of_power[0])>, double>) {
    return (in_constant_memory<values>);
  } else {
    constexpr auto known = values;  // a device cannot reach the array itself
    return known;
  }
}
#endif

/// sum_i coefficients[i] x^i by Horner's rule; long ones as even and odd powers apart, each by Horner's rule
/// in x^2, which halves the time that the result takes to arrive.
template <const auto& coefficients, class V>
BNC_HD V polynomial(V x) {
#ifdef __CUDA_ARCH__
  const auto& c = constants_on_device<coefficients>().of_power;
#else
  const auto& c = coefficients.of_power;
#endif
  constexpr int n = coefficients.size;
  if constexpr (n < 10) {
    V sum(c[n - 1]);
    BNC_UNROLL
    for (int i = n - 1; i > 0; --i) sum = fma(sum, x, V(c[i - 1]));
    return sum;
  } else {
    const V square = x * x;
    V highest(c[n - 1]), next(c[n - 2]);
    BNC_UNROLL
    for (int i = n - 2; i > 0; --i) {
      const V sum = fma(highest, square, V(c[i - 1]));
      highest = next;
      next = sum;
    }
    return fma(highest, x, next);
  }
}

/// ln x for positive normal x, given as x = a 2^exponent_shift: the shift is exact.
template <class V>
BNC_HD V log_scaled(V a, double exponent_shift) {
  const Decomposed<V> parts = decompose(a);
  const V f = parts.mantissa - V(1);
  const V tail = polynomial<Coefficients<V>::log1p_tail>(f);
  const V e = parts.exponent + constant<V>(exponent_shift);
  // ln 2 in two parts: the first has few enough bits for its product with e to be exact.
  constexpr double ln2 = 0x1.62e42fefa39efp-1;
  constexpr double ln2_high = std::is_same_v<typename V::Scalar, float> ? 0x1.62e4p-1 : 0x1.62e42fefap-1;
  constexpr double ln2_low =
      std::is_same_v<typename V::Scalar, float> ? ln2 - ln2_high : 0x1.cf79abc9e3b39p-40;
  const V small = fma(e, constant<V>(ln2_low), f * f * tail);
  return fma(e, constant<V>(ln2_high), f + small);
}

/// ln x for positive normal x; error at most 1.1 ulp.
template <class V>
BNC_HD V log(V x) {
  return log_scaled(x, 0);
}

/// What exp and expm1 share: y = k ln 2 + r with an integer k and |r| <= ln(2)/2.
template <class V>
struct ReducedExponent {
  V k, r;
};
template <class V>
BNC_HD ReducedExponent<V> reduce_exponent(V y) {
  constexpr bool is_float = std::is_same_v<typename V::Scalar, float>;
  constexpr double ln2_high = is_float ? 0x1.62e4p-1 : 0x1.62e42fefap-1;
  constexpr double ln2_low = is_float ? 0x1.62e42fefa39efp-1 - ln2_high : 0x1.cf79abc9e3b39p-40;
  const V k = round(y * constant<V>(0x1.71547652b82fep+0));
  return {k, fnma(k, constant<V>(ln2_low), fnma(k, constant<V>(ln2_high), y))};
}

/// exp y for y <= 0, error at most 1.2 ulp; 0 below -87 (float) or -708 (double), where the result would
/// leave the normal numbers.
template <class V>
BNC_HD V exp_of_negative(V y) {
  const V lowest = constant<V>(std::is_same_v<typename V::Scalar, float> ? -87.0 : -708.0);
  const V inside = max(y, lowest);
  const ReducedExponent<V> reduced = reduce_exponent(inside);
  const V tail = polynomial<Coefficients<V>::expm1_tail>(reduced.r);
  const V fraction = fma(reduced.r * reduced.r, tail, reduced.r);
  const V scale = exp2_integer(reduced.k);
  return select(y < lowest, V(0), fma(scale, fraction, scale));
}

/// exp(y) - 1 for 0 <= y <= 80; error at most 2.5 ulp.
template <class V>
BNC_HD V expm1_of_positive(V y) {
  const ReducedExponent<V> reduced = reduce_exponent(y);
  const V tail = polynomial<Coefficients<V>::expm1_tail>(reduced.r);
  const V fraction = fma(reduced.r * reduced.r, tail, reduced.r);
  const V scale = exp2_integer(reduced.k);
  return fma(scale, fraction, scale - V(1));
}

/// exp(-x^2/2), with the rounding error of x^2 put back.
template <class V>
BNC_HD V exp_of_minus_half_square(V x) {
  const V square = x * x;
  const V lost = fma(x, x, -square);
  const V value = exp_of_negative(constant<V>(-0.5) * square);
  return fnma(value, constant<V>(0.5) * lost, value);
}

/// The standard normal density phi(x); error at most 3 ulp while it is a normal number.
template <class V>
BNC_HD V normal_pdf(V x) {
  return exp_of_minus_half_square(min(abs(x), constant<V>(1e9))) * constant<V>(0x1.9884533d43651p-2);
}

/// Q(x), the standard normal survival function; error at most 7 ulp, in the upper tail too, down to the
/// smallest normal numbers (x = 13 in float, 37.5 in double; 0 beyond). Infinite x give 0 and 1.
///   Q(x) = exp(-x^2/2) G(t) / (x + 4), t = (x - 4)/(x + 4), x >= 0, G a polynomial.
template <class V>
BNC_HD V normal_survival(V x) {
  const V magnitude = min(abs(x), constant<V>(1e9));
  const V inverse = V(1) / (magnitude + V(4));
  const V t = (magnitude - V(4)) * inverse;
  const V upper =
      exp_of_minus_half_square(magnitude) * (polynomial<Coefficients<V>::scaled_survival>(t) * inverse);
  return select(x < V(0), V(1) - upper, upper);
}

/// Two words as a uniform number v in (0, 1): v = (n + 1/2) 2^-39 with n the upper 31 bits of w0 followed by
/// the lowest 8 of w1. Returned as n + 1/2 = v 2^39, rounded once, between 1/2 and 2^39.
inline constexpr int uniform_bits = 39;
template <class V>
BNC_HD V uniform_numerator(typename V::Bits w0, typename V::Bits w1) {
  return fma(to_real<V>(shift_right<1>(w0)), V(256), to_real<V>(w1 & 0xffU) + constant<V>(0.5));
}

/// v in (0, 1) itself.
template <class V>
BNC_HD V uniform(typename V::Bits w0, typename V::Bits w1) {
  return uniform_numerator<V>(w0, w1) * constant<V>(0x1p-39);
}

/// -ln v > 0, exponentially distributed, at most 40 ln 2 = 27.7.
template <class V>
BNC_HD V exponential(typename V::Bits w0, typename V::Bits w1) {
  return -log_scaled(uniform_numerator<V>(w0, w1), -uniform_bits);
}

/// sqrt(a) by one Newton step from about 1/sqrt(a). In float, for a >= 2^-101, it rounds correctly wherever
/// the inverse root does, and nearly everywhere where that errs by one unit in the last place.
template <class V>
BNC_HD V sqrt_by_newton(V a, V inverse_root) {
  const V root = a * inverse_root;
  return fma(fnma(root, root, a), constant<V>(0.5) * inverse_root, root);
}

/// sqrt(a) for a = 0 or a >= 2^-101. In float a device then takes CUDA's own square root without its case
/// distinction: an approximate inverse root and one Newton step, which rounds correctly in this range.
template <class V>
BNC_HD V moderate_sqrt(V a) {
#ifdef __CUDA_ARCH__
  if constexpr (std::is_same_v<typename V::Scalar, float>) {
    float inverse;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(inverse) : "f"(fmaxf(a.value(), 0x1p-101F)));
    return sqrt_by_newton(a, V(inverse));
  }
#endif
  return sqrt(a);
}

template <class V>
struct Pair {
  V first, second;
};

/// sqrt(2) (cos, sin) of a uniform angle: bits 31 and 30 of w1 are the quadrant's signs, bits 29 to 8 the
/// place t in it, -1/2 < t < 1/2, measured from its middle: sqrt(2) cos(pi/4 + pi/2 t) = cos(pi/2 t) -
/// sin(pi/2 t), and likewise +.
template <class V>
BNC_HD Pair<V> direction(typename V::Bits w1) {
  const V t = one_plus_fraction23<V>((shift_right<7>(w1) & 0x7ffffeU) | 1U) - constant<V>(1.5);
  const V square = t * t;
  const V c = polynomial<Coefficients<V>::cos_quarter>(square);
  const V s = polynomial<Coefficients<V>::sin_quarter>(square) * t;
  return {flip_sign_by_bit<31>(c - s, w1), flip_sign_by_bit<30>(c + s, w1)};
}

/// Two independent standard normals (Box and Muller), at most sqrt(80 ln 2) = 7.446 standard deviations out.
/// A neuron with u beyond that is never active here, where its P is below Q(7.446) = 4.8e-14: 2e7 times below
/// the default collapse threshold of P, 1e-6.
template <class V>
BNC_HD Pair<V> normal_pair(typename V::Bits w0, typename V::Bits w1) {
  const V radius = moderate_sqrt(exponential<V>(w0, w1));
  const Pair<V> d = direction<V>(w1);
  return {radius * d.first, radius * d.second};
}

}  // namespace BNC_TARGET
}  // namespace bncollapse::sim
BNC_AFTER_TARGET();

#ifdef BNC_APPROXIMATE
#include "shared/elementary_approximate.hpp"
#endif

#endif
