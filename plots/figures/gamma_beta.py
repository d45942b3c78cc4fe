"""Trace and density of (gamma, beta) and the frozen zone: the counterpart of figure 1b of arXiv 2001.11216."""

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patheffects import Normal, Stroke

import labels
import style

CONTOURS = (0.9, 0.5, 0.1, 0.001)  # activation probabilities drawn as rays


def draw(run):
    point = min(run.points)
    density = run.histogram("gamma_beta", point)
    last = run.histogram_steps("gamma_beta", point)[-1]
    paths = run.paths(point)
    probability_of_u = next(iter(run.curve("activation_probability").values()))
    alpha = run.points[point]["alpha"]

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 3.0, ncols=2, gridspec_kw={"width_ratios": [1.35, 1]})
    area = np.outer(np.diff(density.x_edges), np.diff(density.y_edges))
    values = np.ma.masked_equal(density.counts, 0) / (density.total * area)
    image = left.pcolormesh(density.x_edges, density.y_edges, values.T, cmap=style.DENSITY,
                            norm=LogNorm(vmin=values.max() * 1e-4, vmax=values.max()), rasterized=True, zorder=0)
    bar = figure.colorbar(image, ax=left, pad=0.02, aspect=28)
    bar.set_label(run.label("gamma_beta"))
    bar.outline.set_linewidth(0.5)
    left.set(xlim=density.x_edges[[0, -1]], ylim=density.y_edges[[0, -1]], xlabel=run.label("gamma"),
             ylabel=run.label("beta"))
    _rays(left, probability_of_u, alpha)
    for index, (_, gamma, beta) in paths.items():
        look = style.series(index + 1)
        left.plot(gamma, beta, color=look.color, linewidth=0.6, zorder=2,
                  path_effects=[Stroke(linewidth=1.5, foreground="white"), Normal()])
        left.plot(gamma[-1], beta[-1], marker=look.marker, color=look.color, markersize=5, markeredgecolor="white",
                  markeredgewidth=0.7, zorder=4)
    _, gamma, beta = next(iter(paths.values()))
    left.plot(gamma[0], beta[0], marker="*", color=style.BLACK, markersize=9, markeredgecolor="white",
              markeredgewidth=0.6, linestyle="none", zorder=5)

    threshold = labels.tex_number(run.spec_value("simulation.thresholds.probability"))
    for index, (quantity, name) in enumerate((("probability", r"$\mathrm{E}[P_t]$"),
                                              ("rarely_active_share", rf"$\Pr[P_t<{threshold}]$"))):
        estimate = run.estimate(quantity).of_point(point)
        shown, look = estimate.step > 0, style.series(index)
        right.plot(estimate.step[shown], estimate.mean[shown], color=look.color, linestyle=look.dash, linewidth=0.6)
        style.measured(right, estimate.step[shown], estimate.mean[shown], estimate.standard_error[shown], look, name)
    right.set(xscale="log", xlabel=r"$t$ (steps)", ylabel="Activation probability, frozen share", ylim=(-0.02, None))
    right.legend(loc="center left")
    style.panel(left, "a")
    style.panel(right, "b")

    return style.Drawing(figure, (
        f"(a) Density of (γ, β) after {labels.count(last)} steps (logarithmic colours) with {len(paths)} sample "
        "paths from their start (star) to their end (symbol). Dashed: rays of constant activation probability P. Noise "
        "hardly reaches a neuron of small P: there it stays (frozen zone). (b) Mean activation probability, predicted to "
        f"fall, and share of neurons in the frozen zone; thin lines join the measurements. {style.ERROR_BARS}"))


def _rays(axes, probability_of_u, alpha):
    """P is constant on beta = -u gamma - alpha: P(u) for gamma > 0, and 1 - P(u) for gamma < 0."""
    u, p = probability_of_u
    lower, upper = axes.get_ylim()
    for end in axes.get_xlim():
        for level in CONTOURS:
            wanted = level if end > 0 else 1 - level
            if not p.min() < wanted < p.max():
                continue
            threshold = float(np.interp(-wanted, -p, u))
            beta = np.clip(-threshold * end - alpha, lower, upper)
            reach = end if abs(threshold) < 1e-9 else -(beta + alpha) / threshold
            axes.plot([0, reach], [-alpha, beta], color=style.BLACK, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
            if end > 0:
                axes.text(0.86 * reach, -threshold * 0.86 * reach - alpha, f"$P={labels.tex_number(level)}$",
                          fontsize=7, ha="center", va="center", zorder=6,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85})
