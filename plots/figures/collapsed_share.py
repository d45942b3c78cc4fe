"""Share of collapsed neurons against one swept field, at several times (figures 5a and 5b of arXiv 2001.11216)."""

import numpy as np

import labels
import style


def draw(run):
    share = run.estimate("collapsed_share")
    inactive = run.estimate("rarely_active_share")
    field = run.axis
    values = run.numbers(field)
    steps = [s for s in np.unique(share.step) if s > 0]

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.6, ncols=2, sharex=True)
    for axes, estimate in ((left, inactive), (right, share)):
        for index, step in enumerate(steps):
            mine = estimate.where(estimate.step == step)
            x = np.array([values[p] for p in mine.point], dtype=float)
            order = np.argsort(x)
            look = style.series(index)
            axes.plot(x[order], mine.mean[order], color=look.color, linestyle=look.dash, linewidth=0.6, alpha=0.7)
            style.measured(axes, x[order], mine.mean[order], mine.standard_error[order], look,
                           f"$t={labels.tex_number(int(step))}$")
        axes.set(xscale="log", xlabel=labels.axis_label(field), ylim=(-0.03, 1.03))
    thresholds = run.spec_value("simulation.thresholds")
    left.set_ylabel(rf"Share with $P<{labels.tex_number(thresholds['probability'])}$")
    right.set_ylabel(rf"Share that also has $|\gamma|<{labels.tex_number(thresholds['gamma'])}$")
    right.legend(title="after steps", loc="best")
    for axes, letter in ((left, "a"), (right, "b")):
        style.panel(axes, letter)

    return style.Drawing(figure, (
        f"Shares of rarely active (a) and collapsed (b) neurons against {labels.full_name(field)}, after several numbers of steps. "
        "Predicted: the direction of the trend. Markers: "
        f"measured; thin lines join them. {style.ERROR_BARS}"))
