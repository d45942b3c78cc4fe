"""A(u) of several laws of x side by side, and for which of them the even average stays negative."""

import numpy as np

import labels
import style
from store import MissingData


def draw(run):
    curves, even_curves = run.curve("drift_coefficient"), run.curve("even_drift_coefficient")
    law_of = run.parameter("model.x.law")
    names = list(dict.fromkeys(law_of.values()))
    drift = run.drift()
    u = np.array([run.points[p]["u"] for p in drift.point], dtype=float)
    scale = run.prediction("epsilon", drift.point) ** 2

    columns = 3
    rows = -(-len(names) // columns)
    figure, grid = style.figure(style.PAGE_WIDTH, 1.9 * rows + 0.4, nrows=rows, ncols=columns, sharex=True, sharey=True,
                                squeeze=False)
    for axes, name, letter in zip(grid.flat, names, "abcdefghijkl"):
        if name not in curves or name not in even_curves:
            raise MissingData(f"{run.folder}: table curve lacks the series {name}")
        axes.axhline(0, color=style.GREY, linewidth=0.5, zorder=1)
        style.predicted(axes, *curves[name], label=r"$A(u)$")
        x, even = even_curves[name]
        style.predicted(axes, x, even, color=style.series(1).color, dash=style.series(1).dash,
                        label=r"$[A(u)+A(-u)]/2$")
        axes.fill_between(x, 0, 1, where=even > 0, transform=axes.get_xaxis_transform(), color=style.LIGHT, linewidth=0,
                          zorder=0, label="even average positive")
        mask = np.array([law_of[p] == name for p in drift.point])
        style.measured(axes, u[mask], drift.mean[mask] / scale[mask], drift.standard_error[mask] / scale[mask],
                       label="measured")
        style.panel(axes, letter, labels.value("model.x.law", name))
    values = np.concatenate([curves[name][1] for name in names])
    grid.flat[0].set_ylim(values.min() - 0.08 * np.ptp(values), values.max() + 0.08 * np.ptp(values))
    for axes in grid.flat[len(names):]:
        axes.axis("off")
    for axes in grid[-1]:
        axes.set_xlabel(r"Threshold $u$")
    for axes in grid[:, 0]:
        axes.set_ylabel(r"Drift of $P$ / $\varepsilon^2$")
    style.legend_above(figure, grid.flat[0], 4)

    return style.Drawing(figure, (
        "Drift coefficient for several laws of the normalised pre-activation x, each of mean 0 and variance 1. Solid: "
        "predicted A(u); dashed: its average over an even law of β/γ, shaded where that is positive: the sign that "
        f"holds for the Gaussian does not hold for every law. Markers: measured drift over ε². {style.ERROR_BARS}"))
