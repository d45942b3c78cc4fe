"""Sparsity against a swept number: learning rate, initial scale, weight decay, batch size (figures 5a and 5b of
arXiv 2001.11216; claims on weight decay and batch size of the CVPR 2019 paper)."""

import labels
import network_names
import style
from figures import over_seeds


def draw(run):
    field = run.numeric_field()
    groups = run.groups()
    last = min(run.rounds(group) for group in groups)
    rounds = list(dict.fromkeys((1, last)))

    figure, panels = style.figure(style.PAGE_WIDTH, 2.9 if len(rounds) == 1 else 4.7, nrows=len(rounds), ncols=2,
                                  sharex=True, squeeze=False)
    for row, round_ in zip(panels, rounds):
        against(row[0], run, groups, field, over_seeds.SPARSITY, round_)
        against(row[1], run, groups, field, over_seeds.INACTIVE, round_)
        row[0].set_ylabel(over_seeds.sparsity_label(run))
        row[1].set_ylabel(over_seeds.percent_label(run, over_seeds.INACTIVE))
    for axes in panels[-1]:
        axes.set_xlabel(labels.axis_label(field))
    for axes, letter in zip(panels.flat, "abcd"):
        style.panel(axes, letter, f"after round {rounds['abcd'.index(letter) // 2]}")
    if panels[0, 1].get_legend_handles_labels()[1] != [network_names.method_of(run, groups[0])]:
        style.legend_above(figure, panels[0, 1], 3)

    return style.Drawing(figure, (
        f"Filter collapse against {labels.full_name(field)}, after round{' ' if len(rounds) == 1 else 's '}"
        f"{' and '.join(map(str, rounds))}. {over_seeds.SPARSITY_TEXT}; {over_seeds.INACTIVE_TEXT}. "
        f"Thin lines join the means. {over_seeds.error_bars(groups)}"))


def against(axes, run, groups, field, quantity, round_):
    """One quantity in percent after one round, a series for each value of the other swept fields."""
    positions = style.number_axis(axes, [run.value(group, field) for group in groups])
    series = {}
    for group in groups:
        series.setdefault(network_names.series(run, group, without=(field,)), []).append(group)
    lowest, highest = min(positions.values()), max(positions.values())
    for index, (name, mine) in enumerate(series.items()):
        shift = over_seeds.dodge(index, len(series), 0.02)
        shifted = {value: x * (highest / lowest) ** shift if axes.get_xscale() == "log" else x + shift * (highest - lowest)
                   for value, x in positions.items()}
        if quantity != over_seeds.INACTIVE:
            mine = [group for group in mine if over_seeds.has_scale(run, group)]
        mine = sorted(mine, key=lambda group: run.value(group, field))
        over_seeds.draw(axes, [shifted[run.value(group, field)] for group in mine],
                        [over_seeds.percent(run, quantity, group, round_) for group in mine], style.series(index), name)
    axes.set_ylim(over_seeds.from_zero(axes.yaxis))
