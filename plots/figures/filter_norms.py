"""Distribution of filter norms with and without BN (figure 1a of arXiv 2001.11216)."""

import numpy as np

import network_names
import style
from figures import over_seeds

NEAR_ZERO = 0.01  # of the layer's median
BINS = np.linspace(0, 3, 61)


def draw(run):
    groups = run.groups()
    last = min(run.rounds(group) for group in groups)
    norms = [[_relative_norms(run.channels(point, last)) for point in group.points] for group in groups]
    layer = _emptiest_layer(norms)
    name_of_layer = run.layer_name(groups[0].points[0], layer)

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.7, ncols=2, gridspec_kw={"width_ratios": [1.25, 1]})
    for index, (group, mine) in enumerate(zip(groups, norms)):
        look = style.series(index)
        pooled = np.clip(np.concatenate([by_layer[layer] for by_layer in mine]), BINS[0], BINS[-1])
        counts = np.histogram(pooled, BINS)[0]
        name = network_names.series(run, group)
        left.stairs(over_seeds.PERCENT * counts / len(pooled), BINS, color=look.color, linestyle=look.dash, linewidth=1.1,
                    zorder=3 - 0.1 * index, fill=False)
        if index == 0:
            left.stairs(over_seeds.PERCENT * counts / len(pooled), BINS, color=look.color, alpha=0.2, linewidth=0,
                        fill=True, zorder=2)
        positions = sorted(mine[0])
        shift = over_seeds.dodge(index, len(groups), 0.3)
        over_seeds.draw(right, [positions.index(l) + 1 + shift for l in positions],
                        [over_seeds.PERCENT * np.array([_near_zero(by_layer[l]) for by_layer in mine])
                         for l in positions], look, joined=False)
        right.plot([], [], color=look.color, linestyle=look.dash, marker=look.marker, label=name)
    left.set(xlabel="Filter norm / median of its layer", ylabel=f"Filters of layer {name_of_layer} (%)",
             xlim=(-0.05, BINS[-1]), ylim=(0, None))
    right.set(xlabel="Normalised layer" if all(over_seeds.has_scale(run, g) for g in groups) else "Layer",
              ylabel=f"Filters below {NEAR_ZERO:g} of the median (%)")
    right.set_ylim(over_seeds.from_zero(right.yaxis))
    right.xaxis.get_major_locator().set_params(integer=True)
    style.panel(left, "a")
    style.panel(right, "b")
    style.legend_above(figure, right, 4)

    seeds = max(len(group.points) for group in groups)
    return style.Drawing(figure, (
        f"Norms of the filters after round {last}, relative to their layer's median. (a) The layer with the most filters "
        f"near zero ({name_of_layer}), pooled over {seeds} seed{'' if seeds == 1 else 's'}; the last bin holds all above it. "
        f"(b) Share of filters with a norm below {NEAR_ZERO:g} of the median, for each layer from the input on. "
        f"{over_seeds.error_bars(groups)}"))


def _relative_norms(channels):
    """Layer -> norms over their median."""
    layers = {int(l): channels.filter_norm[channels.layer == l] for l in np.unique(channels.layer)}
    return {l: norms / max(np.median(norms), np.finfo(float).tiny) for l, norms in layers.items()}


def _near_zero(norms):
    return (norms < NEAR_ZERO).mean()


def _emptiest_layer(norms):
    """The layer with the largest share near zero in any group; of equals the deepest."""
    layers = sorted(norms[0][0])
    shares = [max(np.mean([_near_zero(by_layer[l]) for by_layer in mine]) for mine in norms) for l in layers]
    return max(zip(shares, layers))[1]
