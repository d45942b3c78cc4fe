"""Random labels: training loss and sparsity by round (figure 2 of arXiv 2001.11216)."""

import math

import network_names
import style
from figures import over_seeds
from matplotlib.ticker import MaxNLocator

CLASSES = 10


def draw(run):
    groups = run.groups()
    figure, (left, middle, right) = style.figure(style.PAGE_WIDTH, 2.6, ncols=3)
    left.axhline(math.log(CLASSES), color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    for index, group in enumerate(groups):
        look, shift = style.series(index), over_seeds.dodge(index, len(groups), 0.16)
        rounds = range(1, run.rounds(group) + 1)
        epochs, losses = run.epochs(group)
        left.plot(epochs, losses.mean(axis=0), color=look.color, linestyle=look.dash, linewidth=0.7, zorder=2)
        over_seeds.draw(left, rounds, [run.samples("train_loss", group, r) for r in rounds], look, joined=False)
        x = [r + shift for r in rounds]
        if over_seeds.has_scale(run, group):
            over_seeds.draw(middle, x, [over_seeds.percent(run, over_seeds.SPARSITY, group, r) for r in rounds], look)
        over_seeds.draw(right, x, [over_seeds.percent(run, over_seeds.INACTIVE, group, r) for r in rounds], look,
                        network_names.series(run, group))
    left.set_ylabel(run.label("train_loss"))
    middle.set_ylabel(over_seeds.sparsity_label(run))
    right.set_ylabel(over_seeds.percent_label(run, over_seeds.INACTIVE))
    left.set_ylim(0, None)
    for axes in (middle, right):
        axes.set_ylim(over_seeds.from_zero(axes.yaxis))
    for axes, letter in ((left, "a"), (middle, "b"), (right, "c")):
        axes.set_xlabel("Round")
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        style.panel(axes, letter)
    if len(groups) > 1:
        style.legend_above(figure, right, 4)

    return style.Drawing(figure, (
        "Filter collapse with labels drawn at random and kept fixed. (a) Training loss; lines: every epoch, markers: the "
        "last of a round; dotted: ln 10, the loss of guessing. Sparsity (b) and inactive filters (c) at the end of each "
        f"round. {over_seeds.SPARSITY_TEXT}; {over_seeds.INACTIVE_TEXT}. {over_seeds.error_bars(groups)}"))
