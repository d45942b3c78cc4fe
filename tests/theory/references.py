#!/usr/bin/python3
"""Reference values for the tests of theory/, by mpmath: every number is an integral of the density (or of the
density's product with a moment) at 30 significant digits, never a formula that the library uses.

Writes references.json beside this file:  /usr/bin/python3 tests/theory/references.py
"""
import json
import pathlib
import platform

import mpmath as mp

mp.mp.dps = 30


def gaussian(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def laplace(x):
    return mp.exp(-mp.sqrt(2) * abs(x)) / mp.sqrt(2)


def logistic(x):
    s = mp.sqrt(3) / mp.pi
    return 1 / (4 * s * mp.cosh(x / (2 * s)) ** 2)


def student_t(nu):
    nu = mp.mpf(nu)
    s = mp.sqrt((nu - 2) / nu)
    norm = mp.gamma((nu + 1) / 2) / (mp.gamma(nu / 2) * mp.sqrt(nu * mp.pi) * s)
    return lambda x: norm * (1 + (x / s) ** 2 / nu) ** (-(nu + 1) / 2)


def skew_normal(shape):
    shape = mp.mpf(shape)
    delta = shape / mp.sqrt(1 + shape**2)
    omega = 1 / mp.sqrt(1 - 2 * delta**2 / mp.pi)
    xi = -omega * delta * mp.sqrt(2 / mp.pi)

    def density(x):
        z = (x - xi) / omega
        return gaussian(z) * mp.erfc(-shape * z / mp.sqrt(2)) / omega

    return density


def tail(density, k, u, side, algebraic):
    """E[x^k 1(x beyond u)] on `side` of u, in units of the integrand's size beside u (quad's error is absolute)."""
    scale = 1 / (1 + abs(u))
    unit = density(u + side * scale)
    f = lambda y: (u + side * y) ** k * density(u + side * y) / unit
    if side * u < 0:
        middle = mp.linspace(u, 0, 2 + int(2 * abs(u)))
        part = side * mp.quad(lambda x: x**k * density(x), middle, method="gauss-legendre")
        return part + tail(density, k, mp.mpf(0), side, algebraic)
    if algebraic:
        g = lambda v: f(mp.exp(v)) * mp.exp(v)
        value = mp.quad(g, [mp.mpf(v) for v in range(-80, 105, 2)], method="gauss-legendre")
    else:
        near = [scale * mp.mpf(2) ** j for j in range(-2, 7) if scale * mp.mpf(2) ** j < 2]
        edges = [0] + near + [mp.mpf(j) for j in range(2, 90, 2)]
        value = mp.quad(f, edges, method="gauss-legendre")
    return value * unit


LAWS = [
    ("gaussian", 0, gaussian, False),
    ("laplace", 0, laplace, False),
    ("logistic", 0, logistic, False),
    ("student_t", 2.5, student_t(2.5), True),
    ("student_t", 5, student_t(5), True),
    ("student_t", 200, student_t(200), False),
    ("student_t", 100000, student_t(100000), False),
    ("skew_normal", 0.5, skew_normal(0.5), False),
    ("skew_normal", 5, skew_normal(5), False),
    ("skew_normal", 100, skew_normal(100), False),
    ("skew_normal", -3, skew_normal(-3), False),
]
POINTS = [-30, -12, -5, -2.5, -1.25, -0.5, -0.0625, 0, 0.0625, 0.5, 1.25, 2.5, 5, 12, 30]


def number(value):
    return mp.nstr(value, 25)


def moments():
    rows = []
    for name, parameter, density, algebraic in LAWS:
        for u in POINTS:
            x = mp.mpf(u)
            upper = [tail(density, k, x, 1, algebraic) for k in range(3)]
            lower = [tail(density, k, x, -1, algebraic) for k in range(3)]
            # The mean is 0: the first moment of the side that holds both signs is that of the other side, which
            # does not cancel.
            if u > 0:
                lower[1] = -upper[1]
            elif u < 0:
                upper[1] = -lower[1]
            rows.append(
                {
                    "law": name,
                    "parameter": parameter,
                    "u": u,
                    "pdf": number(density(x)),
                    "pdf_derivative": None if name == "laplace" and u == 0 else number(mp.diff(density, x)),
                    "upper": [number(value) for value in upper],
                    "lower": [number(value) for value in lower],
                }
            )
    return rows


def exact_drifts():
    """E[P'] - P for one Gaussian gradient, integrated over (x, g) as the definition says."""
    mp.mp.dps = 16
    rows = []
    for eta, u in [(0.05, 0), (0.05, 1), (0.1, -1), (0.2, 1.5)]:
        def inner(x):
            def change(g):
                gamma = 1 - eta * g * x
                beta = -u - eta * g
                if gamma == 0:
                    return mp.mpf(beta > 0)
                q = mp.erfc(-beta / gamma / mp.sqrt(2)) / 2
                return q if gamma > 0 else 1 - q
            before = mp.erfc(u / mp.sqrt(2)) / 2
            f = lambda g: gaussian(g) * (change(g) + change(-g) - 2 * before)
            turn = 1 / (eta * abs(x)) if x != 0 else mp.mpf(20)
            points = sorted({mp.mpf(0), mp.mpf(3), mp.mpf(6), min(turn, mp.mpf(12)), mp.mpf(12)})
            return gaussian(x) * mp.quad(f, points, method="gauss-legendre")
        value = mp.quad(inner, [u, u + 1.5, u + 4, u + 10])
        rows.append({"learning_rate": eta, "u": u, "drift": mp.nstr(value, 12)})
    return rows


if __name__ == "__main__":
    result = {
        "tool": f"mpmath {mp.__version__}, Python {platform.python_version()}",
        "moments": moments(),
        "exact_drifts": exact_drifts(),
    }
    path = pathlib.Path(__file__).with_name("references.json")
    path.write_text(json.dumps(result, indent=1) + "\n")
