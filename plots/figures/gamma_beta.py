"""Trace and density of (gamma, beta) and the frozen zone: the counterpart of figure 1b of arXiv 2001.11216."""

import numpy as np
from matplotlib.colors import LogNorm

import labels
import style

CONTOURS = (0.9, 0.5, 0.1, 0.01, 1e-4)  # activation probabilities drawn as lines


def draw(run):
    point = min(run.points)
    density = run.histogram("gamma_beta", point)
    steps = run.histogram_steps("gamma_beta", point)
    paths = run.paths(point)
    probability_of_u = next(iter(run.curve("activation_probability").values()))
    alpha = run.points[point]["alpha"] or 0.0

    figure, axes = style.figure(height=3.0)
    area = np.outer(np.diff(density.x_edges), np.diff(density.y_edges))
    values = np.ma.masked_equal(density.counts, 0) / (density.total * area)
    image = axes.pcolormesh(density.x_edges, density.y_edges, values.T, cmap=style.DENSITY,
                            norm=LogNorm(vmax=values.max(), vmin=max(values.min(), values.max() * 1e-4)),
                            rasterized=True, zorder=0)
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=28)
    bar.set_label(r"Density of $(\gamma,\beta)$")
    bar.outline.set_linewidth(0.5)
    axes.set_xlim(density.x_edges[[0, -1]])
    axes.set_ylim(density.y_edges[[0, -1]])

    _contours(axes, probability_of_u, alpha)
    for index, (_, gamma, beta) in paths.items():
        look = style.series(index)
        axes.plot(gamma, beta, color=look.color, linewidth=0.5, alpha=0.9, zorder=2)
        axes.plot(gamma[-1], beta[-1], marker=look.marker, color=look.color, markersize=4.5, markeredgecolor="white",
                  markeredgewidth=0.6, zorder=4)
    axes.plot(*_start(paths), marker="*", color=style.BLACK, markersize=8, markeredgecolor="white",
              markeredgewidth=0.6, linestyle="none", zorder=5)
    axes.set(xlabel=r"Scale $\gamma$", ylabel=r"Shift $\beta$")

    return style.Drawing(figure, (
        f"Density of (γ, β) after {labels.power_of_ten(steps[-1])} steps (colour, logarithmic) with "
        f"{len(paths)} sample paths from their start (star) to their end (symbol). Lines: constant activation "
        "probability P, as labelled. No noise reaches a neuron with small P: there it stays (frozen zone)."))


def _start(paths):
    _, gamma, beta = next(iter(paths.values()))
    return gamma[0], beta[0]


def _contours(axes, probability_of_u, alpha):
    """P is constant on the rays beta = -u gamma - alpha, gamma > 0; labels stand where a ray leaves the frame."""
    u, p = probability_of_u
    gamma_end = axes.get_xlim()[1]
    lower, upper = axes.get_ylim()
    for level in CONTOURS:
        if not p.min() < level < p.max():
            continue
        threshold = float(np.interp(-level, -p, u))
        gamma = np.array([0, gamma_end])
        beta = -threshold * gamma - alpha
        axes.plot(gamma, beta, color=style.BLACK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
        reach = min(0.97 * gamma_end, (0.94 * (lower if threshold > 0 else upper) + alpha) / -threshold
                    if abs(threshold) > 1e-9 else np.inf)
        axes.text(reach, -threshold * reach - alpha, f"$P={labels.tex_number(level)}$", fontsize=7, ha="right",
                  va="center", zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85})
