"""What the figures of networks share: a series of means over seeds, with every seed behind it."""

import numpy as np

import style
from interval import mean_and_half_width

SPARSITY, INACTIVE = "flops_removed", "inactive_share"
SPARSITY_TEXT = "Sparsity: share of the multiplications that go with the filters of |γ| < 10⁻³"
INACTIVE_TEXT = "inactive: filters whose largest activation over the training set is below 10⁻¹²"
PERCENT = 100.0


def draw(axes, x, samples, look, label=None, filled=True, joined=True, horizontal=False):
    """samples[i]: the seeds' values at x[i]. Means are markers with their interval, single seeds faint ones; a thin
    line joins the means. Where there are no samples nothing is drawn."""
    shown = [(position, np.asarray(values, dtype=float)) for position, values in zip(x, samples) if len(values)]
    if not shown:
        return
    for position, values in shown:
        if len(values) > 1:
            faint(axes, *_turned(np.full(len(values), position), values, horizontal), look)
    positions = np.array([position for position, _ in shown])
    means, halves = np.array([mean_and_half_width(values) for _, values in shown]).T
    line = _turned(positions, means, horizontal)
    if joined:
        axes.plot(*line, color=look.color, linestyle=look.dash, linewidth=0.8, zorder=2)
    halves = np.nan_to_num(halves)
    style.measured(axes, *line, look=look, filled=filled, **({"xerr": halves} if horizontal else {"half_width": halves}))
    if label:
        axes.plot([], [], color=look.color, linestyle=look.dash if joined else "none", linewidth=0.8, marker=look.marker,
                  markerfacecolor=look.color if filled else "white", label=label)


def faint(axes, x, y, look):
    """Single seeds."""
    axes.plot(x, y, linestyle="none", marker=look.marker, markersize=3.2, color=look.color, alpha=0.5,
              markeredgecolor="white", markeredgewidth=0.3, zorder=2.5)


def _turned(x, y, horizontal):
    return (y, x) if horizontal else (x, y)


def sparsity_label(run):
    return f"{run.label(SPARSITY)} (% of FLOPs)"


def percent_label(run, quantity):
    return f"{run.label(quantity)} (%)"


def percent(run, quantity, group, round_):
    return PERCENT * run.samples(quantity, group, round_)


def dodge(index, count, width):
    """Sideways shift that keeps the error bars of `count` series apart; `width`: of all of them."""
    return (index - (count - 1) / 2) * width / count


def has_scale(run, group):
    """Whether the group's channels have a gamma, by which |gamma| < threshold is defined."""
    return run.value(group, "network.normalisation") != "none"


def error_bars(groups):
    """The sentence on error bars, with the number of seeds."""
    counts = sorted({len(group.points) for group in groups})
    if counts == [1]:
        return "One seed each: no error bars."
    seeds = " to ".join(dict.fromkeys((str(counts[0]), str(counts[-1]))))
    return f"Markers: means of {seeds} seeds, faint: single seeds. Error bars: 95 % confidence intervals (Student's t)."


def from_zero(axis):
    """Limits for percentages, with room for a marker at zero and at 100; intervals that reach beyond are cut."""
    upper = min(max(axis.get_view_interval()[1], 1.0), 1.03 * PERCENT)
    return -0.03 * upper, upper
