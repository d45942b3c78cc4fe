"""Collapse of an inactive neuron by weight decay: gamma and beta shrink alike, beta/gamma stays."""

import numpy as np

import labels
import style


def draw(run):
    gamma, beta = run.estimate("gamma"), run.estimate("beta")
    field = run.axis
    values = run.numbers(field)

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.6, ncols=2)
    farthest = 0.0
    for index, point in enumerate(run.points):
        look = style.series(index)
        of_gamma, of_beta = gamma.where(gamma.point == point), beta.where(beta.point == point)
        name = f"{labels.quantity(field).tex} = {labels.number(values[point])}"
        for axes, estimate, quantity, sign in ((left, of_gamma, "gamma", 1), (left, of_beta, "beta", -1)):
            steps, predicted = run.prediction_series(quantity, point)
            style.predicted(axes, steps, sign * predicted, color=look.color, dash=look.dash)
            style.measured(axes, estimate.step, sign * estimate.mean, estimate.standard_error, look,
                           filled=quantity == "gamma")
        ratio = of_beta.mean / of_gamma.mean
        error = np.abs(ratio) * np.hypot(of_beta.standard_error / of_beta.mean,
                                         of_gamma.standard_error / of_gamma.mean)
        start = run.points[point]["beta"] / run.points[point]["gamma"]
        style.predicted(right, of_gamma.step[[0, -1]], [-start, -start])
        style.measured(right, of_gamma.step, -ratio, error, look, name)
        farthest = max(farthest, np.abs(ratio / start - 1).max())
    left.set(yscale="log", ylabel=r"$\gamma_t$ (filled), $-\beta_t$ (open)")
    right.set(ylabel=r"$-\beta_t/\gamma_t$", ylim=(0, 1.5 * abs(start)))
    right.legend(loc="lower left")
    for axes, letter in ((left, "a"), (right, "b")):
        axes.set_xlabel(r"$t$ (steps)")
        style.panel(axes, letter)

    return style.Drawing(figure, (
        "Weight decay alone moves an inactive neuron. (a) Scale and shift; lines: γ₀(1-ηλ)ᵗ and -β₀(1-ηλ)ᵗ; markers: "
        "measured means. (b) Their ratio, predicted to stay (line): the activation probability stays what it was. "
        f"Largest relative change measured: {labels.number(float(farthest), 2)}. {style.ERROR_BARS}"))
