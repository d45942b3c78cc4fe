"""The drift averaged over an even law of beta/gamma: negative, whatever the law's width."""

import numpy as np

import labels
import style


def draw(run):
    drift = run.drift()
    ratio = run.numbers("initial.ratio_std")
    epsilon = run.prediction("epsilon", drift.point)
    laws = run.parameter("initial.law") if "initial.law" in run.axes else None
    law_of = {p: laws[p] if laws else run.spec_value("initial.law") for p in drift.point}
    x = np.array([ratio[p] for p in drift.point], dtype=float)

    figure, axes = style.figure(height=2.8)
    axes.axhline(0, color=style.GREY, linewidth=0.6, zorder=1)
    exact = run.prediction("drift_exact", drift.point) / epsilon**2
    for index, law in enumerate(dict.fromkeys(law_of.values())):
        look = style.series(index)
        mask = np.array([p for p in range(len(x)) if law_of[drift.point[p]] == law])
        mask = mask[np.argsort(x[mask])]
        style.predicted(axes, x[mask], exact[mask], color=look.color, dash=look.dash)
        style.measured(axes, x[mask], drift.mean[mask] / epsilon[mask] ** 2,
                       drift.standard_error[mask] / epsilon[mask] ** 2, look)
        axes.plot([], [], color=look.color, linestyle=look.dash, marker=look.marker,
                  label=rf"{labels.value('initial.law', law)} law of $\beta/\gamma$")
    axes.set(xlabel=r"Standard deviation of $\beta/\gamma$", ylabel=r"Mean drift of $P$ / $\varepsilon^2$",
             xscale="log")
    style.plain_log_ticks(axes.xaxis, [2.0**n for n in range(-6, 7)])
    axes.legend(loc="lower right")

    return style.Drawing(figure, (
        "Drift of the activation probability averaged over an even law of β/γ, against that law's width. Predicted: "
        "below zero everywhere for Gaussian x. Lines join the predicted values, markers are measured with the "
        f"{run.label(drift.quantity)} estimator. {style.ERROR_BARS}"))
