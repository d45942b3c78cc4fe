#!/usr/bin/python3
"""Fits the polynomials of sim/engine/shared/elementary.hpp and writes sim/engine/shared/coefficients.hpp (to standard output).

Each is mpmath's Chebyshev fit (chebyfit, 60 digits), near-minimax in absolute error over the reduced range, rounded
to the nearest number of the format. The error printed beside it is that of the exact polynomial; the error of the
compiled functions, rounding included, is measured by the tests.
"""
import mpmath as mp

mp.mp.dps = 60


def log1p_tail(f):
    """(ln(1 + f) - f) / f^2"""
    if abs(f) < mp.mpf(10) ** -12:
        return -mp.mpf(1) / 2 + f / 3 - f * f / 4
    return (mp.log(1 + f) - f) / (f * f)


def sin_quarter(w):
    """sin(pi/2 t) / t with w = t^2"""
    t = mp.sqrt(w)
    return mp.pi / 2 if t == 0 else mp.sin(mp.pi / 2 * t) / t


def cos_quarter(w):
    """cos(pi/2 t) with w = t^2"""
    return mp.cos(mp.pi / 2 * mp.sqrt(w))


def expm1_tail(r):
    """(exp(r) - 1 - r) / r^2"""
    if abs(r) < mp.mpf(10) ** -12:
        return mp.mpf(1) / 2 + r / 6 + r * r / 24
    return (mp.expm1(r) - r) / (r * r)


PIVOT = mp.mpf(4)


def scaled_survival(t):
    """(x + PIVOT) exp(x^2/2) Q(x) with t = (x - PIVOT) / (x + PIVOT), 0 <= x <= infinity"""
    if t >= 1:
        return 1 / mp.sqrt(2 * mp.pi)
    x = PIVOT * (1 + t) / (1 - t)
    if x > 1000:
        series, term = mp.mpf(0), mp.mpf(1)
        for n in range(20):
            series += term
            term *= -(2 * n + 1) / (x * x)
        return (x + PIVOT) / x * series / mp.sqrt(2 * mp.pi)
    return (x + PIVOT) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2)) / 2


SQRT_HALF = mp.sqrt(mp.mpf(1) / 2)
HALF_LN2 = mp.log(2) / 2
FITS = [
    # name, function, what it is, interval, number of coefficients in float, in double
    ("log1p_tail", log1p_tail, (SQRT_HALF - 1, 2 * SQRT_HALF - 1), 9, 20),
    ("sin_quarter", sin_quarter, (0, mp.mpf(1) / 4), 4, 7),
    ("cos_quarter", cos_quarter, (0, mp.mpf(1) / 4), 4, 7),
    ("expm1_tail", expm1_tail, (-HALF_LN2, HALF_LN2), 5, 10),
    ("scaled_survival", scaled_survival, (-1, 1), 11, 26),
]


def nearest(value, digits):
    """The nearest binary number of `digits` bits."""
    with mp.workprec(digits):
        return +value


def main():
    print("// Written by sim/tools/fit_coefficients.py; do not edit.")
    print("// clang-format off")
    print("#pragma once\n\nnamespace bncollapse::sim::coefficients {\n")
    print("""/// Not std::array, whose functions devices cannot call.
template <class Scalar, int count>
struct Ascending {
  static constexpr int size = count;
  Scalar of_power[count];
};
""")
    print("/// Polynomials in ascending powers, for float and double.")
    print("template <class Scalar>\nstruct Of;\n")
    for scalar, bits, suffix, column in (("float", 24, "f", 3), ("double", 53, "", 4)):
        print(f"template <>\nstruct Of<{scalar}> {{")
        for fit in FITS:
            name, function, interval = fit[:3]
            descending, error = mp.chebyfit(function, interval, fit[column], error=True)
            print(f"  /// {function.__doc__}; fit error {mp.nstr(error, 2)}")
            print(f"  static constexpr Ascending<{scalar}, {fit[column]}> {name} = {{")
            for c in reversed(descending):
                print(f"      {float(nearest(c, bits)).hex()}{suffix},")
            print("  };")
        print("};\n")
    print("}  // namespace bncollapse::sim::coefficients")


if __name__ == "__main__":
    main()
