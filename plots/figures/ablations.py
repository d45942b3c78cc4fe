"""Collapse by variant of the network or the training: normalisation, rectifier, shuffled weights, controls."""

import network_names
import style
from figures import over_seeds


def draw(run):
    groups = run.groups()
    names = [network_names.variant(run, group) for group in groups]
    rows = list(range(len(groups)))[::-1]  # the first variant stands at the top

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 0.95 + 0.27 * len(groups), ncols=2, sharey=True)
    for axes, quantity, label, letter in ((left, over_seeds.SPARSITY, over_seeds.sparsity_label(run), "a"),
                                          (right, over_seeds.INACTIVE, over_seeds.percent_label(run, over_seeds.INACTIVE), "b")):
        shown = [(row, group) for row, group in zip(rows, groups)
                 if quantity == over_seeds.INACTIVE or over_seeds.has_scale(run, group)]
        for look, filled, shift, name, round_of in ((style.series(1), False, 0.14, "after round 1", lambda group: 1),
                                                    (style.series(0), True, -0.14, "after the last round", run.rounds)):
            over_seeds.draw(axes, [row + shift for row, _ in shown],
                            [over_seeds.percent(run, quantity, group, round_of(group)) for _, group in shown], look,
                            name, filled, joined=False, horizontal=True)
        for row, group in zip(rows, groups):
            axes.axhline(row, color=style.LIGHT, linewidth=0.5, zorder=0)
            if (row, group) not in shown:
                axes.text(0.02, row, r"no $\gamma$", transform=axes.get_yaxis_transform(), va="center", fontsize=7.5,
                          bbox={"facecolor": "white", "edgecolor": "none", "pad": 1}, color=style.GREY)
        axes.set(xlabel=label, xlim=over_seeds.from_zero(axes.xaxis), ylim=(-0.6, len(groups) - 0.4))
        axes.set_yticks(rows, names)
        style.panel(axes, letter)
    figure.align_xlabels()
    style.legend_above(figure, right, 2)

    last = sorted({run.rounds(group) for group in groups})
    return style.Drawing(figure, (
        f"Filter collapse by variant, after round 1 and after the last ({', '.join(map(str, last))}). "
        f"{over_seeds.SPARSITY_TEXT} (a); {over_seeds.INACTIVE_TEXT} (b). {over_seeds.error_bars(groups)}"))
