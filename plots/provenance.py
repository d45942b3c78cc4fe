"""What a caption says of any run: parameters, seed, engine, precision, trajectories."""

import labels

ALWAYS = ("optimizer.learning_rate", "model.noise.std", "optimizer.weight_decay", "model.batch.size")
WHERE_NOT_ZERO = ("model.noise.mean", "model.alpha", "model.slope")
INITIAL = {
    "point": (("initial.gamma", "γ₀"), ("initial.beta", "β₀"), ("initial.u", "u")),
    "normal": (("initial.gamma_mean", "mean γ₀"), ("initial.gamma_std", "s.d. γ₀"), ("initial.beta_mean", "mean β₀"),
               ("initial.beta_std", "s.d. β₀")),
    "uniform": (("initial.gamma_lower", "γ₀ from"), ("initial.gamma_upper", "γ₀ to"),
                ("initial.beta_lower", "β₀ from"), ("initial.beta_upper", "β₀ to")),
    "even_ratio": (("initial.gamma", "γ₀"), ("initial.ratio_std", "s.d. of β/γ")),
    "table": (("initial.file", "(γ₀, β₀) from"),),
}


def provenance(run):
    """Two sentences: what was simulated, and how."""
    return f"{'; '.join(filter(None, (_fixed(run), _swept(run))))}; all dimensionless but steps. {_simulation(run)}"


def _fixed(run):
    swept = set(run.axes)
    parts = []
    if "model.x.law" not in swept:
        parts.append(f"{labels.value(run.spec_value('model.x.law', 'gaussian'))} x")
    if "model.noise.law" not in swept and run.spec_value("model.noise.std", 1) != 0:
        parts.append(f"{labels.value(run.spec_value('model.noise.law', 'gaussian'))} gradient noise")
    if "optimizer.name" not in swept:
        parts.append(labels.value(run.spec_value("optimizer.name", "sgd")))
    fields = [(field, labels.short_name(field)) for field in ALWAYS]
    fields += [(field, labels.short_name(field)) for field in WHERE_NOT_ZERO if run.spec_value(field)]
    for field, symbol in (*fields, *INITIAL.get(run.spec_value("initial.kind", "point"), ())):
        if field not in swept and run.spec_value(field) is not None:
            parts.append(f"{symbol} = {labels.value(run.spec_value(field))}")
    return f"Parameters: {', '.join(parts)}"


def _swept(run):
    texts = []
    for field in run.axes:
        values = list(dict.fromkeys(run.parameter(field).values()))
        if all(isinstance(v, (int, float)) for v in values):
            shown = f"from {labels.number(min(values))} to {labels.number(max(values))}"
        else:
            shown = f"({', '.join(labels.value(v) for v in values)})"
        texts.append(f"{labels.short_name(field)} {shown}")
    return f"swept: {', '.join(texts)}" if texts else ""


def _simulation(run):
    def ends(column):
        values = {row[column] for row in run.points.values()}
        return " to ".join(dict.fromkeys(labels.count(v) for v in (min(values), max(values)))) if values else "no"

    steps = ends("steps")
    precision = " and ".join(sorted({row["precision"] for row in run.points.values()}))
    approximations = sorted({row["approximation"] for row in run.points.values() if row["approximation"]})
    approximation = f" Approximation: {'; '.join(approximations)}." if approximations else ""
    return (f"{len(run.points)} point{'' if len(run.points) == 1 else 's'}, {ends('trajectories')} trajectories of "
            f"{steps} step{'' if steps == '1' else 's'} each; seed {run.meta.get('seed', '?')}, engine "
            f"{run.meta.get('engine', '?')}, {precision}.{approximation}")
