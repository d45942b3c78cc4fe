"""One-step drift of the activation probability of networks' channels: predicted against measured."""

import numpy as np
from matplotlib.ticker import SymmetricalLogLocator

import style


def draw(run):
    probe = run.probe()
    signal, noise = probe["drift_signal"], probe["drift_theorem1"]
    measured, error = probe["drift_measured"], probe["standard_error"]
    kept = np.isfinite(signal) & np.isfinite(noise) & np.isfinite(measured) & (error > 0)
    if not kept.any():
        raise run.lack("probe", "a finite drift")
    signal, noise, measured, error, rounds = (values[kept] for values in
                                              (signal, noise, measured, error, probe["round"]))

    figure, panels = style.figure(style.PAGE_WIDTH, 3.3, ncols=2)
    left_out = f" ({np.sum(~kept)} without a measured spread left out)" if not kept.all() else ""
    names = (("Predicted drift of $P$, signal and noise", "Measured drift of $P$"),
             ("Noise part of Theorem 1", "Measured drift less the signal part"))
    agreement = []
    for axes, letter, (x, y), (across, up) in zip(panels, "ab", ((signal + noise, measured), (noise, measured - signal)),
                                                  names):
        _panel(axes, x, y, error, rounds)
        axes.set(xlabel=across, ylabel=up)
        style.panel(axes, letter)
        agreement.append(_sign_agreement(x, y, error))
    if len(np.unique(rounds)) > 1:
        style.legend_above(figure, panels[0], 6)

    return style.Drawing(figure, (
        f"Drift of the activation probability in one step, for {len(measured)} channels{left_out} at the end of round"
        f"{' ' if len(np.unique(rounds)) == 1 else 's '}{', '.join(f'{r:g}' for r in np.unique(rounds))}; line: predicted = measured. (a) Prediction: the first-order part "
        f"(signal) and Theorem 1 with the channel's measured noise. {agreement[0]} (b) The noise part alone, against the "
        f"measured drift less the signal part. {agreement[1]} Axes linear near zero, logarithmic beyond the dotted lines. "
        f"{style.ERROR_BARS}"))


def _panel(axes, x, y, error, rounds):
    linear = 10 ** np.round(np.log10(np.median(error)))
    for index, round_ in enumerate(np.unique(rounds)):
        mine, look = rounds == round_, style.series(index)
        axes.errorbar(x[mine], y[mine], yerr=style.CONFIDENCE * error[mine], fmt=look.marker, color=look.color,
                      markersize=2.4, elinewidth=0.4, linestyle="none", alpha=0.6, label=f"round {round_:g}", zorder=2)
    far = 1.6 * max(np.abs(x).max(), (np.abs(y) + style.CONFIDENCE * error).max(), linear)
    axes.plot([-far, far], [-far, far], color=style.BLACK, linewidth=0.8, zorder=3)
    axes.set_xscale("symlog", linthresh=linear, linscale=1)
    axes.set_yscale("symlog", linthresh=linear, linscale=1)
    axes.set(xlim=(-far, far), ylim=(-far, far))
    axes.xaxis.set_major_locator(SymmetricalLogLocator(base=100, linthresh=linear))
    for edge in (-linear, linear):
        axes.axvline(edge, color=style.GREY, linewidth=0.4, linestyle=(0, (1, 2)), zorder=0)
        axes.axhline(edge, color=style.GREY, linewidth=0.4, linestyle=(0, (1, 2)), zorder=0)


def _sign_agreement(predicted, measured, error):
    """Among the channels whose measured drift is told from zero at 95 %."""
    sure = np.abs(measured) > style.CONFIDENCE * error
    if not sure.any():
        return "No measured drift differs from zero at 95 %."
    same = (np.sign(predicted) == np.sign(measured))[sure].sum()
    return f"Of {sure.sum()} channels whose drift differs from zero at 95 %, {same} have the predicted sign."
