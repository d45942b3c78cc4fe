"""Trace of (gamma, beta) of a layer's channels and the inactive region (figure 1b of arXiv 2001.11216)."""

import numpy as np

import network_names
import style
from figures import over_seeds

U = 3.0  # on beta = -U gamma - alpha a Gaussian pre-activation is positive with probability 0.00135
COLUMNS = 3
ACTIVE = "#9a9a9a"  # lighter than the inactive channels' colour in grey, too
MARKED = 30  # as many steps have a marker each


def draw(run):
    groups = [group for group in run.groups() if over_seeds.has_scale(run, group)][:COLUMNS]
    if not groups:
        raise run.lack("channel", "a normalised network")
    traces = [run.recorded_channels(group.points[0]) for group in groups]
    ends = [run.channels(group.points[0], run.rounds(group)) for group in groups]
    layer = _quietest_layer(ends[0])
    name = run.layer_name(groups[0].points[0], layer)

    figure, panels = style.figure(style.PAGE_WIDTH, 3.0, ncols=len(groups) + 1)
    for axes, group, trace, end in zip(panels, groups, traces, ends):
        _paths(axes, trace, end, layer)
        _inactive_region(axes, run.value(group, "network.alpha"))
        axes.set(xlabel=r"Scale $\gamma$", ylabel=r"Shift $\beta$")
    share = panels[-1]
    for index, group in enumerate(groups):
        steps, values = _never_positive(run, group)
        look = style.series(index)
        if len(values) > 1:
            share.plot(steps, over_seeds.PERCENT * values.T, color=look.color, linewidth=0.4, alpha=0.5, zorder=1)
        share.plot(steps, over_seeds.PERCENT * values.mean(axis=0), color=look.color, linestyle=look.dash,
                   marker=look.marker if len(steps) <= MARKED else None, markersize=2.5, label=network_names.series(run, group))
    for boundary in _round_starts(run, groups[0]):
        share.axvline(boundary, color=style.LIGHT, linewidth=0.7, zorder=0)
    share.set(xlabel="Step", ylabel="Channels without a positive value (%)")
    share.set_ylim(over_seeds.from_zero(share.yaxis))
    for axes, letter, group in zip(panels, "abcd", [*groups, None]):
        style.panel(axes, letter, network_names.series(run, group) if group and len(groups) > 1 else "")
    if len(groups) > 1:
        share.legend(loc="best")

    images = run.spec_value("record.images")
    return style.Drawing(figure, (
        f"Scale and shift of the channels of layer {name} (the one with the most inactive filters at the end; seed "
        f"{run.seed(groups[0].points[0])}) at the recorded steps, from the start (star). Coloured, cross at the end: inactive "
        "at the end of training (largest activation over the training set below 10⁻¹²); grey, dot at the end: active. "
        f"Shaded: beyond β = -{U:g}γ - α (line), where a Gaussian x leaves an activation probability below 0.00135. "
        f"({'abcd'[len(groups)]}) Share of all channels without a positive value on {images or 'the recorded'} training "
        "images: mean over the seeds, and single seeds (thin); vertical lines: a new round begins."))


def _paths(axes, trace, end, layer):
    steps = sorted(trace)
    order = {(int(l), int(c)): inactive for l, c, inactive in zip(end.layer, end.channel, end.inactive)}
    first = trace[steps[0]]
    chosen = np.flatnonzero(first.layer == layer)
    gamma = np.array([trace[s].gamma[chosen] for s in steps])
    beta = np.array([trace[s].beta[chosen] for s in steps])
    inactive = np.array([order[layer, int(c)] for c in first.channel[chosen]], dtype=bool)
    look = style.series(1)
    for column in np.argsort(inactive, kind="stable"):
        colour, marker, width, front = ((look.color, "X", 0.8, 3) if inactive[column] else (ACTIVE, "o", 0.5, 2))
        axes.plot(gamma[:, column], beta[:, column], color=colour, linewidth=width, zorder=front,
                  alpha=1 if inactive[column] else 0.7)
        axes.plot(gamma[-1, column], beta[-1, column], color=colour, marker=marker, markersize=4.5 if inactive[column] else 2.8,
                  markeredgecolor="white", markeredgewidth=0.4, zorder=front + 2, linestyle="none")
    axes.plot(gamma[0, 0], beta[0, 0], marker="*", color=style.BLACK, markersize=8, markeredgecolor="white",
              markeredgewidth=0.5, zorder=7, linestyle="none")


def _inactive_region(axes, alpha):
    """Below the rays beta = -U |gamma| - alpha, within the limits that the paths set and the origin."""
    (left, right), (lower, upper) = axes.get_xlim(), axes.get_ylim()
    left = min(left, -0.03 * right)  # the origin, to which weight decay takes inactive channels, is in sight
    gamma = np.linspace(left, right, 201)
    edge = -U * np.abs(gamma) - alpha
    axes.plot(gamma, edge, color=style.BLACK, linestyle=(0, (4, 2)), linewidth=0.8, zorder=1)
    axes.fill_between(gamma, np.minimum(edge, lower), edge, where=edge > lower, color=style.LIGHT, alpha=0.6, linewidth=0,
                      zorder=0)
    axes.set(xlim=(left, right), ylim=(lower, upper))


def _quietest_layer(end):
    """The layer with the largest share of inactive channels; of equals the deepest."""
    layers = np.unique(end.layer)
    return max((end.inactive[end.layer == l].mean(), int(l)) for l in layers)[1]


def _never_positive(run, group):
    """Recorded steps, and the share of channels with activation probability 0, of each point (points, steps)."""
    shares = []
    for point in group.points:
        trace = run.recorded_channels(point)
        shares.append([(trace[s].activation_probability == 0).mean() for s in sorted(trace)])
    return np.array(sorted(trace)), np.array(shares)


def _round_starts(run, group):
    row = run.points[group.points[0]]
    steps = row["epoch_steps"] * row["epochs"]
    return [steps * r for r in range(1, row["rounds"])]
