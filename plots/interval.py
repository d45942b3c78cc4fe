"""Means over seeds and their confidence intervals."""

import math

import numpy as np

CONFIDENCE = 0.95


def student_t(degrees, confidence=CONFIDENCE):
    """The t with Pr[|T| < t] = confidence, by bisection of that probability's closed form, which is a finite sum in
    theta = atan(t / sqrt(degrees)) (Abramowitz and Stegun, 26.7.3 and 26.7.4). `degrees`: a whole number from 1."""
    def inside(theta):
        odd = degrees % 2
        term, total = math.cos(theta) if odd else 1.0, 0.0
        for k in range(2 if odd else 1, degrees, 2):
            total += term
            term *= k / (k + 1) * math.cos(theta) ** 2
        return 2 / math.pi * (theta + math.sin(theta) * total) if odd else math.sin(theta) * total

    lower, upper = 0.0, math.pi / 2
    for _ in range(60):
        middle = (lower + upper) / 2
        lower, upper = (middle, upper) if inside(middle) < confidence else (lower, middle)
    return math.sqrt(degrees) * math.tan(lower)


def mean_and_half_width(samples):
    """The mean and half of its 95 % confidence interval (Student's t); the latter NaN for a single sample."""
    samples = np.asarray(samples, dtype=float)
    if len(samples) < 2:
        return (samples[0] if len(samples) else np.nan), np.nan
    return samples.mean(), student_t(len(samples) - 1) * samples.std(ddof=1) / math.sqrt(len(samples))
