"""Where Theorem 1 holds: measured over predicted drift against epsilon."""

import numpy as np

import labels
import style
from store import MissingData


def draw(run):
    drift = run.drift()
    epsilon = run.prediction("epsilon", drift.point)
    theorem = run.prediction("drift_theorem1", drift.point)
    curves = run.curve("exact_drift_ratio")
    in_range = run.prediction("in_range", drift.point) > 0
    u = np.array([run.points[p]["u"] for p in drift.point], dtype=float)

    figure, axes = style.figure(height=3.0)
    axes.axhline(1, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    for index, threshold in enumerate(sorted(set(np.round(u, 9)))):
        look = style.series(index)
        mask = np.flatnonzero(np.abs(u - threshold) < 1e-8)
        name = f"u = {threshold:g}"
        if name not in curves:
            raise MissingData(f"{run.folder}: table curve lacks the series {name} of exact_drift_ratio")
        style.predicted(axes, *curves[name], color=look.color, dash=look.dash)
        for held in (True, False):
            part = mask[in_range[mask] == held]
            style.measured(axes, epsilon[part], drift.mean[part] / theorem[part],
                           drift.standard_error[part] / np.abs(theorem[part]), look, filled=held)
        axes.plot([], [], color=look.color, linestyle=look.dash, marker=look.marker, label=f"$u={threshold:g}$")
    axes.set(xscale="log", ylim=(0, None), xlabel=r"$\varepsilon=\eta\sigma/(\sqrt{m}\,|\gamma|)$", ylabel="Drift / Theorem 1")
    axes.legend(loc="lower left", ncol=1)

    return style.Drawing(figure, (
        "Range of Theorem 1: drift over its prediction ε² A(u), which would be 1 (dotted). Lines: exact one-step "
        "expectation; markers: measured, filled where Theorem 1 is within its stated tolerance of the exact value, "
        f"open where it does not claim to hold. Estimator: {run.label(drift.quantity)}. {style.ERROR_BARS}"))
