"""Steps that an inactive neuron's scale takes to a threshold, by optimizer and weight decay: the mechanism behind
"On Implicit Filter Level Sparsity in Convolutional Neural Networks" (CVPR 2019)."""

import numpy as np

import labels
import style


def draw(run):
    predicted = dict(zip(run.points, run.prediction("inactive_steps_to_threshold")))
    groups = {}
    for point in run.points:
        groups.setdefault(_group(run, point), []).append(point)

    figure, axes = style.figure(height=3.3)
    for index, (name, points) in enumerate(groups.items()):
        look = style.series(index)
        decay = np.array([_value(run, p, "optimizer.weight_decay") for p in points], dtype=float)
        order = np.argsort(decay)
        style.predicted(axes, decay[order], np.array([predicted[p] for p in points])[order], color=look.color,
                        dash=look.dash)
        steps, half_bin = np.array([_median_time(run.histogram("collapse_time", p)) for p in points]).T
        style.measured(axes, decay, steps, half_bin / style.CONFIDENCE, look)
        axes.plot([], [], color=look.color, linestyle=look.dash, marker=look.marker, label=name)
    axes.set(xscale="log", yscale="log", xlabel=r"Weight decay $\lambda$",
             ylabel=rf"Steps to $|\gamma|<{labels.tex_number(run.spec_value('simulation.thresholds.gamma'))}$")
    style.legend_above(figure, axes, 2)

    return style.Drawing(figure, (
        "Steps in which an inactive neuron's scale shrinks from "
        f"γ₀ = {labels.number(run.spec_value('initial.gamma'))} to the threshold of a collapsed filter. Lines join the "
        "predictions (closed form or the optimizer's own recursion); markers: simulated neurons, bars: the histogram's "
        f"bin. Learning rates: {_rates(run)}. Under Adam with L2 the time hardly depends on λ; under SGD and AdamW it is proportional to 1/λ."))


def _value(run, point, field):
    return run.points[point]["parameters"].get(field, run.spec_value(field))


def _rates(run):
    rates = {_value(run, p, "optimizer.name"): _value(run, p, "optimizer.learning_rate") for p in run.points}
    return ", ".join(f"{labels.number(rate)} ({labels.value('optimizer.name', name)})" for name, rate in rates.items())


def _group(run, point):
    name = _value(run, point, "optimizer.name")
    history = ", after gradients" if (_value(run, point, "optimizer.second_moment") or 0) > 0 else ""
    return labels.value("optimizer.name", name) + history


def _median_time(times):
    """The median of a histogram of times and half its bin's width; NaN where most never came."""
    share = np.cumsum(times.counts) / times.total
    if share[-1] < 0.5:
        return np.nan, np.nan
    index = int(np.searchsorted(share, 0.5))
    lower, upper = times.x_edges[index:index + 2]
    return (lower + upper) / 2, (upper - lower) / 2
