"""All drifts fall on one curve when drawn against epsilon = eta sigma / (sqrt(m) |gamma|)."""

import numpy as np

import labels
import style


def draw(run):
    drift = run.drift()
    epsilon = run.prediction("epsilon", drift.point)
    theorem = run.prediction("drift_theorem1", drift.point)
    exact = run.prediction("drift_exact", drift.point)
    gamma, batch = run.column("gamma"), run.column("batch")
    groups = sorted({(gamma[p], batch[p]) for p in drift.point})
    batches = sorted({m for _, m in groups})
    gammas = sorted({g for g, _ in groups})

    figure, (left, right) = style.figure(style.PAGE_WIDTH, 2.7, ncols=2)
    order = np.argsort(epsilon)
    style.predicted(left, epsilon[order], -theorem[order], label="Theorem 1")
    for index, m in enumerate(batches):
        look, same = style.series(index), order[[batch[p] == m for p in drift.point[order]]]
        style.predicted(right, epsilon[same], (theorem / exact)[same], color=look.color, dash=look.dash)
    for g, m in groups:
        mask = np.array([(gamma[p], batch[p]) == (g, m) for p in drift.point])
        look = style.series(batches.index(m))
        filled = gammas.index(g) % 2 == 0
        style.measured(left, epsilon[mask], -drift.mean[mask], drift.standard_error[mask], look,
                       rf"$\gamma_0={g:g}$, $m={m:g}$", filled)
        style.measured(right, epsilon[mask], drift.mean[mask] / exact[mask],
                       drift.standard_error[mask] / np.abs(exact[mask]), look, filled=filled)
    left.set(xscale="log", yscale="log", ylabel=r"$-$ drift of $P$ in one step")
    left.legend(loc="upper left", handlelength=1.6)
    right.axhline(1, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    right.set(xscale="log", ylabel="drift / exact one-step drift")
    for axes, letter in ((left, "a"), (right, "b")):
        axes.set_xlabel(r"$\varepsilon=\eta\sigma/(\sqrt{m}\,|\gamma|)$")
        style.plain_log_ticks(axes.xaxis, [k * 10**n for n in range(-5, 1) for k in (1, 2, 5)])
        style.panel(axes, letter)

    swept = ", ".join(labels.short_name(f) for f in run.axes)
    return style.Drawing(figure, (
        f"Drift of the activation probability in one step for all combinations of {swept} at one threshold u. "
        "(a) Against ε all fall on one line, ε² A(u) (Theorem 1). (b) The same over the exact one-step expectation; "
        f"lines: Theorem 1 over exact, for each m. Estimator: {run.label(drift.quantity)}. {style.ERROR_BARS}"))
