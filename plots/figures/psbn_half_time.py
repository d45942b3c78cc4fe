"""The time at which psBN's activation probability crosses 1/2, against the post-shift."""

import numpy as np

import labels
import style
from store import MissingData


def draw(run):
    probability = run.estimate("probability")
    alphas, decays = run.numbers("model.alpha"), run.numbers("optimizer.weight_decay")
    predicted = dict(zip(run.points, run.prediction("t_half")))

    figure, axes = style.figure(height=2.8)
    for index, decay in enumerate(sorted(set(decays.values()))):
        look = style.series(index)
        points = sorted((p for p in run.points if decays[p] == decay), key=alphas.get)
        x = np.array([alphas[p] for p in points])
        style.predicted(axes, x, [predicted[p] for p in points], color=look.color, dash=look.dash)
        style.measured(axes, x, [_crossing(probability.of_point(p)) for p in points], look=look)
        axes.plot([], [], color=look.color, linestyle=look.dash, marker=look.marker,
                  label=rf"$\lambda={labels.tex_number(decay)}$")
    axes.set(xscale="log", xlabel=labels.axis_label("model.alpha"), ylabel=run.label("t_half"), ylim=(0, None))
    style.plain_log_ticks(axes.xaxis, sorted(set(alphas.values())))
    axes.legend(loc="upper right")

    return style.Drawing(figure, (
        "Step at which the activation probability of an inactive psBN neuron crosses 1/2 under weight decay. Lines join the "
        "predicted t½ = ln(α/|β₀|) / ln(1-ηλ); markers: measured, between two recorded steps (the interval is smaller "
        "than the marker)."))


def _crossing(probability):
    """The step at which the recorded P crosses 1/2, by linear interpolation."""
    after = int(np.argmax(probability.mean >= 0.5))
    if after == 0:
        raise MissingData(f"table estimate: probability of point {probability.point[0]} does not cross 1/2")
    part = slice(after - 1, after + 1)
    return float(np.interp(0.5, probability.mean[part], probability.step[part]))
