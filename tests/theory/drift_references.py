#!/usr/bin/python3
"""Reference values of the exact one-step drift for the tests of theory/, by mpmath with at least 50 significant digits
left after the cancellation: the mean of P(gamma', beta') - P(gamma, beta) over the samples and the noise, as the definition
says, with distribution functions in closed form (the skew normal's by Owen's T). gamma = 1, beta = -u, sigma = 1.

Writes drift_references.json beside this file:  /usr/bin/python3 tests/theory/drift_references.py
(about half an hour on one core)
"""
import functools
import itertools
import json
import pathlib
import platform

import mpmath as mp

GUARD = 55


@functools.lru_cache(maxsize=None)
def gauss_legendre(count, digits):
    """Nodes and weights on [-1, 1] by Newton's method on Legendre's polynomial."""
    with mp.workdps(digits + 10):
        rule = []
        for i in range(count):
            x = mp.cos(mp.pi * (i + mp.mpf(3) / 4) / (count + mp.mpf(1) / 2))
            for _ in range(100):
                before, value = mp.mpf(1), x
                for n in range(2, count + 1):
                    before, value = value, ((2 * n - 1) * x * value - (n - 1) * before) / n
                slope = count * (x * value - before) / (x * x - 1)
                step = value / slope
                x -= step
                if abs(step) < mp.mpf(10) ** -(digits + 5):
                    break
            rule.append((x, 2 / ((1 - x * x) * slope * slope)))
        return rule


def panels(f, points, count):
    """Composite Gauss rule between neighbouring points."""
    points = sorted(set(points))
    total = mp.mpf(0)
    for a, b in zip(points, points[1:]):
        half, middle = (b - a) / 2, (b + a) / 2
        total += half * sum(w * f(middle + half * x) for x, w in gauss_legendre(count, mp.mp.dps))
    return total


class Gaussian:
    name, parameter, breaks = "gaussian", 0, []
    far = [mp.mpf(j) / 2 for j in range(-36, 37)]

    def pdf(self, x):
        return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)

    def cdf(self, x):
        return mp.erfc(-x / mp.sqrt(2)) / 2


class Laplace:
    name, parameter, breaks = "laplace", 0, [mp.mpf(0)]
    far = [mp.mpf(j) for j in range(-100, 101, 2)] + [mp.mpf(j) / 2 for j in range(-8, 9)]

    def pdf(self, x):
        return mp.exp(-mp.sqrt(2) * abs(x)) / mp.sqrt(2)

    def cdf(self, x):
        tail = mp.exp(-mp.sqrt(2) * abs(x)) / 2
        return tail if x < 0 else 1 - tail


class Logistic:
    name, parameter, breaks = "logistic", 0, []
    far = [mp.mpf(j) for j in range(-80, 81)] + [mp.mpf(j) / 2 for j in range(-8, 9)]

    def pdf(self, x):
        s = mp.sqrt(3) / mp.pi
        return 1 / (4 * s * mp.cosh(x / (2 * s)) ** 2)

    def cdf(self, x):
        return 1 / (1 + mp.exp(-x * mp.pi / mp.sqrt(3)))


class Uniform:
    name, parameter = "uniform", 0

    @property
    def breaks(self):
        return [-mp.sqrt(3), mp.sqrt(3)]

    @property
    def far(self):
        return [-mp.sqrt(3), mp.sqrt(3)]

    def pdf(self, x):
        return 1 / (2 * mp.sqrt(3)) if abs(x) < mp.sqrt(3) else mp.mpf(0)

    def cdf(self, x):
        return min(max((x / mp.sqrt(3) + 1) / 2, mp.mpf(0)), mp.mpf(1))


class Student:
    name, parameter, breaks = "student_t", 5, []
    far = sorted([s * mp.mpf(j) / 2 for j in range(0, 8) for s in (-1, 1)] + [s * mp.mpf(2) ** j for j in range(2, 60) for s in (-1, 1)])

    def pdf(self, x):
        t2 = x * x * 5 / 3
        return mp.sqrt(mp.mpf(5) / 3) * 8 / (3 * mp.sqrt(5) * mp.pi) * (1 + t2 / 5) ** -3

    def cdf(self, x):
        angle = mp.atan(x / mp.sqrt(3))
        c = mp.cos(angle)
        return mp.mpf(1) / 2 + (angle + mp.sin(angle) * (c + 2 * c**3 / 3)) / mp.pi


class SkewNormal:
    name, parameter, breaks = "skew_normal", 2, []
    far = [mp.mpf(j) / 2 for j in range(-36, 37)]

    def standard(self, x):
        delta = 2 / mp.sqrt(5)
        omega = 1 / mp.sqrt(1 - 2 * delta**2 / mp.pi)
        return x / omega + delta * mp.sqrt(2 / mp.pi), omega

    def pdf(self, x):
        z, omega = self.standard(x)
        return mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi) * mp.erfc(-2 * z / mp.sqrt(2)) / omega

    def cdf(self, x):
        z, _ = self.standard(x)
        owen = sum(w * mp.exp(-z * z * (1 + (1 + y) ** 2) / 2) / (1 + (1 + y) ** 2) for y, w in gauss_legendre(90, mp.mp.dps))
        return mp.erfc(-z / mp.sqrt(2)) / 2 - owen / mp.pi


def probability(law, gamma, beta):
    if gamma == 0:
        return mp.mpf(beta > 0)
    below = law.cdf(-beta / gamma)
    return 1 - below if gamma > 0 else below


def graded(point, lower, upper, depth):
    """Points towards `point` from both sides, each half as far as the one before."""
    steps = [mp.mpf(2) ** -j for j in range(depth)]
    return [point] + [x for s in steps for x in (point - s * (point - lower), point + s * (upper - point))]


def between(points, lower, upper):
    return [lower, upper] + [x for x in points if lower < x < upper]


def sample_points(far, u, kinks, poles, depth):
    """Panels for a sample's x in (u, infinity): the law's own, kinks, and graded ones towards poles, where P' is flat."""
    end = max(far)
    points = between(far + kinks, u, end)
    for pole in poles:
        if u < pole < end:
            points = between(points + graded(pole, max(u, pole - 1), min(end, pole + 1), depth), u, end)
    return points


def kinks_and_poles(law, u, moved_gamma, moved_beta, rate):
    """x of a further sample of step rate (x, 1) at which gamma' = 0, or the threshold meets a break of the law."""
    gamma, beta = 1 - moved_gamma, -u - moved_beta
    kinks = []
    for b in law.breaks:
        # (gamma - rate x) b + beta - rate = 0
        if b != 0 and rate != 0:
            kinks.append((gamma * b + beta - rate) / (rate * b))
    return kinks, [gamma / rate] if rate != 0 else []


def one_sample(law, u, eta, count):
    before = probability(law, mp.mpf(1), -u)
    total = mp.mpf(0)
    for sign in (1, -1):
        t = sign * eta
        kinks, poles = kinks_and_poles(law, u, 0, 0, t)
        f = lambda x: law.pdf(x) * (probability(law, 1 - t * x, -u - t) - before)
        total += panels(f, sample_points(law.far, u, kinks, poles, 90), count) / 2
    return total


def two_samples(law, u, eta, count):
    before = probability(law, mp.mpf(1), -u)
    rate = eta / 2
    # Sixteen digits are enough here: the range ends where the density is below 1e-21.
    far = [x for x in law.far if abs(x) <= (10 if law.name == "gaussian" else 36)]
    if law.name == "gaussian":
        far = [x for x in far if x == int(x)]
    total = 2 * law.cdf(u) * one_sample(law, u, rate, 30)
    for first, second in itertools.product((1, -1), repeat=2):
        t1, t2 = first * rate, second * rate

        def inner(x1):
            kinks, poles = kinks_and_poles(law, u, t1 * x1, t1, t2)
            f = lambda x: law.pdf(x) * (probability(law, 1 - t1 * x1 - t2 * x, -u - t1 - t2) - before)
            return law.pdf(x1) * panels(f, sample_points(far, u, kinks, poles, 40), count)

        # Where a kink of the inner integral leaves the law's range, its first derivative jumps.
        outer = []
        for b in law.breaks:
            for end in law.breaks:
                k, p = kinks_and_poles(law, u, t2 * end, t2, t1)
                outer += k + p
            k, p = kinks_and_poles(law, u, t2 * u, t2, t1)
            outer += k + p
        total += panels(inner, sample_points(far, u, outer, [], 40), count) / 4
    return total


def gaussian_noise(law, u, eta, count):
    """Steps so small that gamma keeps its sign wherever the integrand counts."""
    noise = Gaussian()
    before = probability(law, mp.mpf(1), -u)

    def inner(x):
        f = lambda g: noise.pdf(g) * (
            probability(law, 1 - eta * g * x, -u - eta * g) + probability(law, 1 + eta * g * x, -u + eta * g) - 2 * before)
        return law.pdf(x) * panels(f, [mp.mpf(j) for j in range(0, 15)], count)

    return panels(inner, [u + mp.mpf(j) for j in range(0, 15)], count)


def row(law, u, noise, batch, eta, value):
    return {"law": law.name, "parameter": law.parameter, "u": u, "noise": noise, "batch": batch,
            "learning_rate": eta, "drift": mp.nstr(value, 25)}


def drifts():
    laws = [Gaussian(), Laplace(), Logistic(), Uniform(), Student(), SkewNormal()]
    rows = []

    def take(law, u, noise, batch, eta, function, count):
        mp.mp.dps = GUARD + 2 * max(0, int(-mp.log10(mp.mpf(eta))))
        value = function(law, mp.mpf(u), mp.mpf(eta), count)
        rows.append(row(law, u, noise, batch, eta, value))
        print(json.dumps(rows[-1]), flush=True)

    for law in laws:
        slow = law.name == "skew_normal"
        for exponent in range(-18, 3):
            for u in (0.5,) if slow else (0.5, -1.25):
                take(law, u, "rademacher", 1, float(f"1e{exponent}"), one_sample, 24 if slow else 30)
    take(Laplace(), 0.0, "rademacher", 1, 1e-6, one_sample, 30)
    for eta in (1e-9, 1e-3, 0.25):
        take(Gaussian(), 6.0, "rademacher", 1, eta, one_sample, 30)
        take(Uniform(), 1.625, "rademacher", 1, eta, one_sample, 30)
    for eta in (1e-12, 1e-8, 1e-6, 1e-4):
        take(Gaussian(), 0.5, "gaussian", 1, eta, gaussian_noise, 16)
    for law in (Gaussian(), Laplace(), Uniform()):
        for eta in (0.001, 0.0625, 0.5) if law.name == "laplace" else (1e-9, 1e-6, 0.001, 0.0625, 0.5, 4.0):
            take(law, 0.5, "rademacher", 2, eta, two_samples, 16)
    return rows


if __name__ == "__main__":
    result = {"tool": f"mpmath {mp.__version__}, Python {platform.python_version()}", "exact_drifts": drifts()}
    path = pathlib.Path(__file__).with_name("drift_references.json")
    path.write_text(json.dumps(result, indent=1) + "\n")
