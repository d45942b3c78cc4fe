"""One-step drift of P against one swept field: a power law (Theorem 1)."""

import numpy as np

import labels
import style


def draw(run):
    drift = run.drift()
    field = run.axis
    values = run.numbers(field)
    x = np.array([values[p] for p in drift.point], dtype=float)
    order = np.argsort(x)
    x, drift = x[order], drift.where(order)
    theorem = run.prediction("drift_theorem1", drift.point)
    exact = run.prediction("drift_exact", drift.point)

    figure, (top, bottom) = style.figure(height=3.2, nrows=2, sharex=True, gridspec_kw={"height_ratios": [2.2, 1]})
    style.predicted(top, x, -1e6 * theorem, label="Theorem 1")
    style.measured(top, x, -1e6 * drift.mean, 1e6 * drift.standard_error, label="measured")
    top.set(xscale="log", yscale="log", ylabel=r"$-$ drift of $P$ ($10^{-6}$)")
    style.plain_log_ticks(top.yaxis, [k * 10**n for n in range(-3, 7) for k in (1, 2, 5)])
    top.legend(loc="upper left" if theorem[0] > theorem[-1] else "upper right")
    for verdict in run.verdicts():
        if "exponent" in verdict["check_name"] and verdict["standard_error"] is not None:
            falls = theorem[0] < theorem[-1]
            top.text(0.04 if falls else 0.96, 0.06, f"exponent {labels.signed(verdict['measured'], '.4f')} ± "
                     f"{style.CONFIDENCE * verdict['standard_error']:.4f}\n"
                     f"predicted {labels.signed(verdict['predicted'], 'g')}",
                     transform=top.transAxes, ha="left" if falls else "right", va="bottom", fontsize=8)

    style.predicted(bottom, x, 100 * (theorem / exact - 1))
    style.measured(bottom, x, 100 * (drift.mean / exact - 1), drift.standard_error * 100 / np.abs(exact))
    bottom.axhline(0, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    bottom.set(xlabel=labels.axis_label(field), ylabel="off exact (%)")
    style.plain_log_ticks(bottom.xaxis, x, "{:.3g}")
    limit = 1.15 * max(abs(v) for v in bottom.get_ylim())
    bottom.set_ylim(-limit, limit)
    figure.align_ylabels()

    return style.Drawing(figure, (
        f"One-step drift of the activation probability against {labels.full_name(field)}. Line: Theorem 1's power law. Markers: measured with the "
        f"{run.label(drift.quantity)} estimator. Lower panel: deviation from the exact one-step expectation "
        f"(dotted) of the measurement and of Theorem 1. {style.ERROR_BARS}"))
