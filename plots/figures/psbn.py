"""psBN reactivates an inactive neuron, BN does not: P_t and the time of the first active sample."""

import numpy as np

import labels
import style


def draw(run):
    probability = run.estimate("probability")
    alphas = run.column("alpha")
    t_half = run.prediction("t_half", [p for p in run.points if alphas[p] > 0])
    half_of = dict(zip([p for p in run.points if alphas[p] > 0], t_half))

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.8, ncols=2)
    for index, point in enumerate(sorted(run.points, key=lambda p: alphas[p])):
        look = style.series(index)
        steps, predicted = run.prediction_series("probability", point)
        style.predicted(left, steps, predicted, color=look.color, dash=look.dash)
        mine = probability.where(probability.point == point)
        name = rf"$\alpha={alphas[point]:g}$" + (" (BN)" if alphas[point] == 0 else "")
        style.measured(left, mine.step, mine.mean, mine.standard_error, look, name)
        if point in half_of and np.isfinite(half_of[point]):
            left.plot([half_of[point]] * 2, [0, 0.5], color=look.color, linewidth=0.7, linestyle=(0, (1, 2)))

        steps, predicted = run.prediction_series("first_activation_survival", point)
        style.predicted(right, steps, predicted, color=look.color, dash=look.dash)
        times = run.histogram("first_activation", point)
        survival = 1 - np.cumsum(times.counts) / times.total
        shown = np.unique(np.linspace(0, len(survival) - 1, 61).astype(int))
        style.measured(right, times.x_edges[1:][shown], survival[shown],
                       np.sqrt(survival * (1 - survival) / times.total)[shown], look)
    left.axhline(0.5, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    left.set(ylabel=run.label("probability"), ylim=(-0.03, 1.03))
    style.legend_above(figure, left, 4)
    right.set(ylabel=run.label("first_activation_survival"), ylim=(-0.03, 1.03))
    for axes, letter in ((left, "a"), (right, "b")):
        axes.set_xlabel(r"$t$ (steps)")
        style.panel(axes, letter)

    return style.Drawing(figure, (
        "Reactivation under psBN. (a) Activation probability of a neuron that starts inactive; lines: predicted under "
        "weight decay; markers: measured; dotted: predicted time t½ at which P = 1/2. (b) Share of neurons with no active "
        "sample up to step t; lines: predicted survival function; markers: measured. Under plain BN (α = 0) it stays inactive. "
        f"{style.ERROR_BARS}"))
