"""One-step drift of P against one swept field: a power law (Theorem 1)."""

import numpy as np
from matplotlib.ticker import NullFormatter, ScalarFormatter

import labels
import style


def draw(run):
    drift = run.drift().at_last_step()
    field = run.axis
    values = run.parameter(field)
    x = np.array([values[p] for p in drift.point], dtype=float)
    order = np.argsort(x)
    x, drift = x[order], drift.where(order)
    theorem = run.prediction("drift_theorem1", drift.point)
    exact = run.prediction("drift_exact", drift.point)

    figure, (top, bottom) = style.figure(height=3.2, nrows=2, sharex=True, gridspec_kw={"height_ratios": [2.2, 1]})
    style.predicted(top, x, -theorem, label="Theorem 1")
    style.measured(top, x, -drift.mean, drift.standard_error, label="measured")
    top.set(xscale="log", yscale="log", ylabel=r"$-$ drift of $P$ in one step")
    top.legend(loc="upper left" if theorem[0] > theorem[-1] else "upper right")
    for verdict in run.verdicts():
        if "exponent" in verdict["check_name"] and verdict["standard_error"] is not None:
            falls = theorem[0] < theorem[-1]
            top.text(0.04 if falls else 0.96, 0.06, f"exponent {verdict['measured']:.4f} ± "
                     f"{style.CONFIDENCE * verdict['standard_error']:.4f}\npredicted {verdict['predicted']:g}",
                     transform=top.transAxes, ha="left" if falls else "right", va="bottom", fontsize=8)

    style.predicted(bottom, x, 100 * (theorem / exact - 1))
    style.measured(bottom, x, 100 * (drift.mean / exact - 1), drift.standard_error * 100 / np.abs(exact))
    bottom.axhline(0, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    bottom.set(xlabel=labels.axis_label(field), ylabel="off exact (%)")
    bottom.set_xticks(x)
    bottom.xaxis.set_major_formatter(ScalarFormatter())
    bottom.xaxis.set_minor_formatter(NullFormatter())
    bottom.tick_params(axis="x", which="minor", length=0)
    limit = 1.15 * max(abs(v) for v in bottom.get_ylim())
    bottom.set_ylim(-limit, limit)
    figure.align_ylabels()

    return style.Drawing(figure, (
        f"One-step drift of the activation probability against {labels.NAMES.get(field, field).lower()} "
        f"{labels.symbol(field)}. Line: Theorem 1's power law. Markers: measured with the "
        f"{labels.ESTIMATORS[drift.quantity]} estimator. Lower panel: deviation from the exact one-step expectation "
        f"(dotted) of the measurement and of Theorem 1. {style.ERROR_BARS}"))
