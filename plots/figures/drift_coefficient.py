"""A(u): the drift coefficient over the threshold, and its average over an even law of beta/gamma."""

import numpy as np

import labels
import style
from store import MissingData


def draw(run):
    curves = run.curve("drift_coefficient")
    even_curves = run.curve("even_drift_coefficient")
    drift = run.drift()
    u = np.array([run.points[p]["u"] for p in drift.point], dtype=float)
    epsilon = run.prediction("epsilon", drift.point)
    exact = run.prediction("drift_exact", drift.point) / epsilon**2
    order = np.argsort(u)
    u, exact, scale = u[order], exact[order], epsilon[order] ** 2
    mean, error = drift.mean[order] / scale, drift.standard_error[order] / scale

    figure, axes = style.figure(height=3.3)
    axes.axhline(0, color=style.GREY, linewidth=0.6, zorder=1)
    for x, y in curves.values():
        style.predicted(axes, x, y, label=r"$A(u)$, Theorem 1")
    for x, y in even_curves.values():
        style.predicted(axes, x, y, label=r"$[A(u)+A(-u)]/2$", color=style.series(1).color, dash=style.series(1).dash)
    axes.plot(u, exact, linestyle="none", marker="_", markersize=9, color=style.BLACK, label="exact, one step", zorder=4)
    style.measured(axes, u, mean, error, style.series(0), "measured")
    pairs = [(i, int(np.argmin(np.abs(u + u[i])))) for i in range(len(u)) if u[i] >= 0]
    pairs = [(i, j) for i, j in pairs if abs(u[i] + u[j]) < 1e-9]
    if not pairs:
        raise MissingData(f"{run.folder}: no two points at thresholds u and -u, which the even average needs")
    here, there = np.array(pairs).T
    style.measured(axes, u[here], (mean[here] + mean[there]) / 2,
                   np.where(here == there, error[here], np.hypot(error[here], error[there]) / 2),
                   style.series(1), "measured, even average", filled=False)
    axes.set(xlabel=run.label("u"), ylabel=r"Drift of $P$ / $\varepsilon^2$")
    style.legend_above(figure, axes, 2)

    return style.Drawing(figure, (
        "Drift coefficient of Theorem 1 over the threshold u. Solid line: predicted A(u); dashed: its average over an "
        "even law of β/γ, negative at every u for Gaussian x. Bars: exact one-step expectation over ε²; filled "
        f"markers: measured drift over ε² ({run.label(drift.quantity)} estimator, ε = {epsilon.max():.3g}); open "
        f"markers: mean of the measurements at u and -u. {style.ERROR_BARS}"))
