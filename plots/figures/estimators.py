"""Plain, antithetic and control-variate estimates of the same drift."""

import numpy as np

import labels
import style
from neuron_run import DRIFT_ESTIMATORS

ORDER = ("probability_change", "probability_change_control_variate", "probability_change_antithetic")
assert set(ORDER) == set(DRIFT_ESTIMATORS)


def draw(run):
    points = list(run.points)
    epsilon = run.prediction("epsilon", points)
    exact = run.prediction("drift_exact", points)
    order = np.argsort(epsilon)
    points, epsilon, exact = np.array(points)[order], epsilon[order], exact[order]
    smallest = points[0]

    figure, (value, error, time) = style.figure(style.PAGE_WIDTH, 2.5, ncols=3)
    value.axhline(1, color=style.BLACK, linewidth=1.1, zorder=2)
    for index, quantity in enumerate(ORDER):
        look = style.series(index)
        estimate = run.estimate(quantity)
        first = estimate.where(estimate.step == 1)
        at = [int(np.flatnonzero(first.point == p)[0]) for p in points]
        shift = 1.06 ** (index - 1)
        style.measured(value, epsilon * shift, first.mean[at] / exact, first.standard_error[at] / np.abs(exact), look)
        error.plot(epsilon, first.standard_error[at] / np.abs(exact), color=look.color, linestyle=look.dash,
                   marker=look.marker, label=run.label(quantity))
        mine = estimate.where((estimate.point == smallest) & (estimate.step > 0))
        time.plot(mine.step, mine.standard_error / np.abs(mine.mean), color=look.color, linestyle=look.dash,
                  marker=look.marker)
    value.set(xscale="log", ylabel="one-step drift / exact")
    error.set(xscale="log", yscale="log", ylabel="relative standard error, one step")
    time.set(xscale="log", yscale="log", xlabel=r"$t$ (steps)", ylabel=rf"relative standard error, $\varepsilon={epsilon[0]:.2g}$")
    for axes in (value, error):
        axes.set_xlabel(r"$\varepsilon$")
    style.legend_above(figure, error, 3)
    for axes, letter in ((value, "a"), (error, "b"), (time, "c")):
        style.panel(axes, letter)

    return style.Drawing(figure, (
        "Three estimators of the drift of P from the same trajectories. (a) One-step drift over the exact "
        "expectation (line), markers moved apart sideways for legibility. (b) Relative standard error against ε, in "
        f"one step. (c) The same against the number of steps t for ε = {epsilon[0]:.3g}. {style.ERROR_BARS}"))
