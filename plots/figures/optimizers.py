"""Collapsed filters by optimizer and weight decay, L2 against decoupled (claims of the CVPR 2019 paper)."""

import labels
import style
from figures import over_seeds
from figures.network_sweep import against
from store import MissingData

DECAY = "optimizer.weight_decay"


def draw(run):
    if DECAY not in run.fields:
        raise MissingData(f"{run.folder}: sweep.axes varies no {DECAY}; optimizers at one weight decay are drawn by "
                          'the figure "ablations"')
    groups = run.groups()
    last = min(run.rounds(group) for group in groups)
    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.9, ncols=2, sharex=True)
    for axes, quantity, label, letter in ((left, "small_gamma_share", over_seeds.percent_label(run, "small_gamma_share"), "a"),
                                          (right, over_seeds.INACTIVE, over_seeds.percent_label(run, over_seeds.INACTIVE), "b")):
        against(axes, run, groups, DECAY, quantity, last)
        axes.set(xlabel=labels.axis_label(DECAY), ylabel=label)
        style.panel(axes, letter)
    style.legend_above(figure, right, 3)

    decoupled = any(run.value(group, "optimizer.name") == "adamw" for group in groups)
    note = " AdamW's λ is decoupled: it multiplies the parameters by 1 - ηλ in each step." if decoupled else ""
    return style.Drawing(figure, (
        f"Filter collapse by optimizer and weight decay λ after round {last}: share of filters of |γ| < 10⁻³ (a); "
        f"{over_seeds.INACTIVE_TEXT} (b). L2: λ times the parameter is added to the gradient.{note} Thin lines join the means. "
        f"{over_seeds.error_bars(groups)}"))
