"""Sparsity and accuracy by round for BN, psBN and Leaky ReLU (figure 3 and table 1 of arXiv 2001.11216)."""

import labels
import network_names
import published
import style
from figures import over_seeds
from matplotlib.ticker import MaxNLocator


def draw(run):
    groups = run.groups()
    rounds = max(run.rounds(group) for group in groups)
    comparable = [_published_key(run, group) for group in groups]

    figure, (left, middle, right) = style.figure(style.PAGE_WIDTH, 2.7, ncols=3)
    ensemble = rounds + max(0.8, 0.12 * rounds)
    for index, group in enumerate(groups):
        look, shift = style.series(index), over_seeds.dodge(index, len(groups), 0.24)
        mine = range(1, run.rounds(group) + 1)
        x = [r + shift for r in mine]
        name = network_names.series(run, group)
        for axes, quantity in ((left, over_seeds.SPARSITY), (middle, over_seeds.INACTIVE), (right, "test_accuracy")):
            if quantity == over_seeds.SPARSITY and not over_seeds.has_scale(run, group):
                continue
            over_seeds.draw(axes, x, [over_seeds.percent(run, quantity, group, r) for r in mine], look,
                            name if axes is right else None)
        over_seeds.draw(right, [ensemble + shift],
                        [over_seeds.percent(run, "ensemble_accuracy", group, run.rounds(group))], look)
        if comparable[index]:
            _draw_published(left, right, comparable[index], mine, ensemble, look)
    if any(comparable):
        right.plot([], [], color=style.GREY, marker="o", markerfacecolor="white", linestyle=(0, (1, 1)),
                   label=published.TABLE_1)

    for axes, label in ((left, over_seeds.sparsity_label(run)), (middle, over_seeds.percent_label(run, over_seeds.INACTIVE)),
                        (right, over_seeds.percent_label(run, "test_accuracy"))):
        axes.set(xlabel="Round", ylabel=label)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    for axes in (left, middle):
        axes.set_ylim(over_seeds.from_zero(axes.yaxis))
    ticks = [t for t in right.get_xticks() if 1 <= t <= rounds]
    right.set_xticks([*ticks, ensemble], [*(f"{t:g}" for t in ticks), "ens."])
    right.axvline((rounds + ensemble) / 2, color=style.LIGHT, linewidth=0.6, zorder=0)
    for axes, letter in ((left, "a"), (middle, "b"), (right, "c")):
        style.panel(axes, letter)
    style.legend_above(figure, right, 3)

    note = (" The paper's text does not name the network of its table 1." if any(comparable) else
            " The published rounds (arXiv 2001.11216, figure 3 and table 1) are of another set-up and not drawn.")
    return style.Drawing(figure, (
        f"Filter collapse and accuracy at the end of each round. (a) {over_seeds.SPARSITY_TEXT}. (b) "
        f"{over_seeds.INACTIVE_TEXT[0].upper()}{over_seeds.INACTIVE_TEXT[1:]}. (c) Test accuracy; \"ens.\": mean prediction of "
        f"the last {labels.number(min(3, rounds))} rounds' networks. {over_seeds.error_bars(groups)}{note}"))


def _published_key(run, group):
    """The set-up of table 1, as far as the paper states it: its key of learning rate and psBN, else None."""
    key = (run.value(group, "optimizer.learning_rate"), bool(run.value(group, "network.alpha")))
    same = (run.datasets == ["CIFAR-10"] and run.value(group, "data.train_images") in (None, 50000)
            and run.value(group, "data.labels") == "true"
            and run.value(group, "network.architecture") == "resnet"
            and run.value(group, "network.normalisation") == "batch" and not run.value(group, "network.leak")
            and run.value(group, "optimizer.name") == "momentum"
            and run.value(group, "optimizer.schedule.kind") == "cosine"
            and run.value(group, "training.rounds") == published.TABLE_1_ROUNDS
            and run.value(group, "training.epochs") == published.TABLE_1_EPOCHS)
    return key if same and key in published.TABLE_1_SPARSITY else None


def _draw_published(sparsity, accuracy, key, rounds, ensemble, look):
    for axes, table in ((sparsity, published.TABLE_1_SPARSITY), (accuracy, published.TABLE_1_ACCURACY)):
        axes.plot(rounds, table[key], color=look.color, linestyle=(0, (1, 1)), linewidth=0.8, marker=look.marker,
                  markerfacecolor="white", markeredgewidth=0.8, zorder=2)
    accuracy.plot(ensemble, published.TABLE_1_ENSEMBLE[key], color=look.color, marker=look.marker,
                  markerfacecolor="white", markeredgewidth=0.8, zorder=2)
