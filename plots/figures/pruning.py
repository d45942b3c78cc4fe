"""Accuracy against multiplications for several ways to fewer filters (figure 4 of arXiv 2001.11216), and the speed
that their removal gives (a claim of the CVPR 2019 paper)."""

import numpy as np

import labels
import style
from figures import over_seeds
from interval import mean_and_half_width

CRITERION, CRITERION_TEXT = "small_gamma", "|γ| < 10⁻³"
ADAPTIVE = ("adam", "amsgrad", "adamw", "rmsprop", "adagrad")
WIDTH, RATE, OPTIMIZER = "network.width", "optimizer.learning_rate", "optimizer.name"


def draw(run):
    groups = run.groups()
    rows = run.pruned(CRITERION)
    widest = max(run.value(group, WIDTH) for group in groups)
    wide = [group for group in groups if run.value(group, WIDTH) == widest]
    full = run.points[wide[0].points[0]]["multiplications"]
    plain = [group for group in wide if run.value(group, OPTIMIZER) not in ADAPTIVE]
    base_rate = min((run.value(group, RATE) for group in plain), default=None)
    base = [group for group in plain if run.value(group, RATE) == base_rate]

    def after_last(chosen):
        return [_pruned(rows, group, run.rounds(group)) for group in chosen]

    ways = {
        "more rounds": [_pruned(rows, group, r) for group in base for r in range(1, run.rounds(group) + 1)],
        "larger learning rate": after_last(group for group in plain if group not in base),
        "Adam": after_last(group for group in wide if group not in plain),
        "narrower network": [_trained(run, group, full) for group in sorted(
            (group for group in groups if group in base or group not in wide), key=lambda g: run.value(g, WIDTH))],
    }
    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.9, ncols=2)
    for index, (way, states) in enumerate(ways.items()):
        _draw(left, [state[:, :2] for state in states], style.series(index), way, filled=way != "narrower network")
        _draw(right, [state[:, [0, 2]] for state in states if state.shape[1] > 2], style.series(index), joined=False)
    left.set(xlabel="Multiplications kept (%)", ylabel=over_seeds.percent_label(run, "test_accuracy"))
    limits, speeds = right.get_xlim(), right.get_ylim()
    kept = np.linspace(*limits, 101)
    right.plot(kept, over_seeds.PERCENT / kept, color=style.BLACK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    right.set(xlabel="Multiplications kept (%)", ylabel="Speed after / before removal", xlim=limits, ylim=speeds)
    for axes, letter in ((left, "a"), (right, "b")):
        style.panel(axes, letter)
    style.legend_above(figure, left, 4)

    lost = [row["accuracy_before"] - row["accuracy_after"] for (p, _), row in rows.items() if p in run.finished]
    rate = f" at η = {labels.number(base_rate)}" if base_rate is not None else ""
    return style.Drawing(figure, (
        f"Ways to fewer multiplications. (a) Test accuracy against the share of the full network's multiplications (width "
        f"{widest}) that is left. Filled: after the filters of {CRITERION_TEXT} were removed; a marker for each round"
        f"{rate}, and for each larger learning rate and each setting of Adam after the last round. Open: uniformly narrower "
        "networks, trained the same way, without removals. "
        f"Largest loss of accuracy by a removal: {labels.number(over_seeds.PERCENT * max(lost, default=0.0), 2)} points. "
        "(b) Images per second after the removal over before; dashed: what fewer multiplications would give alone. "
        f"{over_seeds.error_bars(groups)}"))


def _pruned(rows, group, round_):
    """A row for each seed: multiplications kept and accuracy in percent, speed gained."""
    mine = [rows[p, round_] for p in group.points if (p, round_) in rows]
    return np.array([(over_seeds.PERCENT * row["multiplications_after"] / row["multiplications_before"],
                      over_seeds.PERCENT * row["accuracy_after"],
                      (row["images_per_second_after"] or np.nan) / (row["images_per_second_before"] or np.nan))
                     for row in mine], dtype=float).reshape(-1, 3)


def _trained(run, group, full):
    """A row for each seed: multiplications relative to the full network's and accuracy in percent."""
    accuracy = over_seeds.percent(run, "test_accuracy", group, run.rounds(group))
    share = over_seeds.PERCENT * run.points[group.points[0]]["multiplications"] / full
    return np.column_stack((np.full(len(accuracy), share), accuracy))


def _draw(axes, states, look, label=None, filled=True, joined=True):
    """Means over seeds with both intervals; the seeds behind them."""
    states = [state for state in states if len(state) and np.isfinite(state).all()]
    if not states:
        return
    for state in states:
        if len(state) > 1:
            over_seeds.faint(axes, *state.T, look)
    summary = np.array([[mean_and_half_width(column) for column in state.T] for state in states])
    (x, y), (x_half, y_half) = summary[:, :, 0].T, np.nan_to_num(summary[:, :, 1].T)
    if joined:
        axes.plot(x, y, color=look.color, linestyle=look.dash, linewidth=0.8, zorder=2)
    style.measured(axes, x, y, look=look, filled=filled, half_width=y_half, xerr=x_half)
    axes.plot([], [], color=look.color, linestyle=look.dash, linewidth=0.8, marker=look.marker,
              markerfacecolor=look.color if filled else "white", label=label)
