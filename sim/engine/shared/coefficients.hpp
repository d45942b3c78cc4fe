// Written by sim/tools/fit_coefficients.py; do not edit.
// clang-format off
#pragma once

namespace bncollapse::sim::coefficients {

/// Not std::array, whose functions devices cannot call.
template <class Scalar, int count>
struct Ascending {
  static constexpr int size = count;
  Scalar of_power[count];
};

/// Polynomials in ascending powers, for float and double.
template <class Scalar>
struct Of;

template <>
struct Of<float> {
  /// (ln(1 + f) - f) / f^2; fit error 3.1e-8
  static constexpr Ascending<float, 9> log1p_tail = {
      -0x1.fffffe0000000p-2f,
      0x1.5555540000000p-2f,
      -0x1.00020c0000000p-2f,
      0x1.99a0120000000p-3f,
      -0x1.5483820000000p-3f,
      0x1.22ea5a0000000p-3f,
      -0x1.0cda320000000p-3f,
      0x1.048f720000000p-3f,
      -0x1.3a4ff60000000p-4f,
  };
  /// sin(pi/2 t) / t with w = t^2; fit error 4.8e-9
  static constexpr Ascending<float, 4> sin_quarter = {
      0x1.921fb60000000p+0f,
      -0x1.4abbba0000000p-1f,
      0x1.465ec40000000p-4f,
      -0x1.2d9b400000000p-8f,
  };
  /// cos(pi/2 t) with w = t^2; fit error 2.8e-8
  static constexpr Ascending<float, 4> cos_quarter = {
      0x1.0000000000000p+0f,
      -0x1.3bd3920000000p+0f,
      0x1.03af580000000p-2f,
      -0x1.4e5e060000000p-6f,
  };
  /// (exp(r) - 1 - r) / r^2; fit error 6.5e-8
  static constexpr Ascending<float, 5> expm1_tail = {
      0x1.0000000000000p-1f,
      0x1.5554de0000000p-3f,
      0x1.55551a0000000p-5f,
      0x1.120b620000000p-7f,
      0x1.6d10fc0000000p-10f,
  };
  /// (x + PIVOT) exp(x^2/2) Q(x) with t = (x - PIVOT) / (x + PIVOT), 0 <= x <= infinity; fit error 2.2e-8
  static constexpr Ascending<float, 11> scaled_survival = {
      0x1.82b4bc0000000p-1f,
      -0x1.373e320000000p-1f,
      0x1.8c6dc00000000p-2f,
      -0x1.7e01c40000000p-3f,
      0x1.eec4dc0000000p-5f,
      -0x1.ec4ca20000000p-8f,
      -0x1.c81bc00000000p-9f,
      0x1.99d1c60000000p-10f,
      0x1.17fdc40000000p-13f,
      -0x1.4981fe0000000p-13f,
      -0x1.c12d5c0000000p-20f,
  };
};

template <>
struct Of<double> {
  /// (ln(1 + f) - f) / f^2; fit error 6.2e-17
  static constexpr Ascending<double, 20> log1p_tail = {
      -0x1.0000000000000p-1,
      0x1.5555555555548p-2,
      -0x1.ffffffffff607p-3,
      0x1.999999999c6b5p-3,
      -0x1.5555555602023p-3,
      0x1.2492492388170p-3,
      -0x1.ffffff6f60a91p-4,
      0x1.c71c71c4bb249p-4,
      -0x1.9999b7df8ac3dp-4,
      0x1.745d381f8b9fap-4,
      -0x1.5551d43abcc59p-4,
      0x1.3b0cd8396ef66p-4,
      -0x1.24cc9f1cc2daap-4,
      0x1.11b5ca2e8d528p-4,
      -0x1.fc1d1c7f36ff1p-5,
      0x1.d1d857a2cf5e1p-5,
      -0x1.d0750c3a9ae34p-5,
      0x1.07f6a730be813p-4,
      -0x1.e6e9eaf6d12bap-5,
      0x1.ae3ddab18c15ep-6,
  };
  /// sin(pi/2 t) / t with w = t^2; fit error 4.9e-18
  static constexpr Ascending<double, 7> sin_quarter = {
      0x1.921fb54442d18p+0,
      -0x1.4abbce625be41p-1,
      0x1.466bc677587f8p-4,
      -0x1.32d2cce2e5b19p-8,
      0x1.50782fda12d96p-13,
      -0x1.e30071afc3e59p-19,
      0x1.e3f38399551bfp-25,
  };
  /// cos(pi/2 t) with w = t^2; fit error 4.7e-17
  static constexpr Ascending<double, 7> cos_quarter = {
      0x1.0000000000000p+0,
      -0x1.3bd3cc9be458bp+0,
      0x1.03c1f081b0780p-2,
      -0x1.55d3c7dbfd139p-6,
      0x1.e1f4fb60281f6p-11,
      -0x1.a6c9c1be9eb49p-16,
      0x1.f3dbcea61b1a4p-22,
  };
  /// (exp(r) - 1 - r) / r^2; fit error 1.0e-16
  static constexpr Ascending<double, 10> expm1_tail = {
      0x1.0000000000001p-1,
      0x1.5555555555556p-3,
      0x1.5555555553d68p-5,
      0x1.11111111109b5p-7,
      0x1.6c16c17889ef1p-10,
      0x1.a01a01a7c2efep-13,
      0x1.a019b9149a41cp-16,
      0x1.71de0db2f6b19p-19,
      0x1.28917c89a43a7p-22,
      0x1.af389ecfc4b9cp-26,
  };
  /// (x + PIVOT) exp(x^2/2) Q(x) with t = (x - PIVOT) / (x + PIVOT), 0 <= x <= infinity; fit error 2.5e-18
  static constexpr Ascending<double, 26> scaled_survival = {
      0x1.82b4bb8c94dcep-1,
      -0x1.373e3a893c28ap-1,
      0x1.8c6dbf2cfc2b6p-2,
      -0x1.7dff2bff6834cp-3,
      0x1.eec4cc3e4d127p-5,
      -0x1.ee27610498d0fp-8,
      -0x1.c81719d550ea1p-9,
      0x1.ab825fc86b65ap-10,
      0x1.17a4ae57dfae8p-13,
      -0x1.e4a427bd29540p-13,
      -0x1.001eda9c6d29ap-19,
      0x1.26d0cfc3a105ep-15,
      0x1.80c0f34539df0p-21,
      -0x1.8d5157f576ee3p-18,
      -0x1.522460aaee22ap-21,
      0x1.127054d04c8ebp-20,
      0x1.248ee6ef018bbp-22,
      -0x1.4f77f4e976bc8p-23,
      -0x1.751a2b7f2dd9ep-24,
      0x1.ed0700073cad9p-27,
      0x1.70289dc68d0a1p-26,
      0x1.ba71fe9a137d9p-30,
      -0x1.006baa8ca55dap-28,
      -0x1.f911d90934f17p-31,
      0x1.7655f52ff7887p-32,
      0x1.18fadcb19729ep-33,
  };
};

}  // namespace bncollapse::sim::coefficients
