"""What a caption says of any run: parameters, seed, engine, precision, trajectories."""

import labels

PARAMETERS = (("optimizer.learning_rate", "η"), ("model.noise.std", "σ"), ("model.noise.mean", "μ"),
              ("optimizer.weight_decay", "λ"), ("model.batch.size", "m"), ("model.alpha", "α"), ("model.slope", "leak"))
INITIAL = {
    "point": (("initial.gamma", "γ₀"), ("initial.beta", "β₀"), ("initial.u", "u")),
    "normal": (("initial.gamma_mean", "mean γ₀"), ("initial.gamma_std", "s.d. γ₀"), ("initial.beta_mean", "mean β₀"),
               ("initial.beta_std", "s.d. β₀")),
    "uniform": (("initial.gamma_lower", "γ₀ from"), ("initial.gamma_upper", "to"), ("initial.beta_lower", "β₀ from"),
                ("initial.beta_upper", "to")),
    "even_ratio": (("initial.gamma", "γ₀"), ("initial.ratio_std", "s.d. of β/γ")),
    "table": (("initial.file", "(γ₀, β₀) from"),),
}


def provenance(run):
    """Two sentences: what was simulated, and how."""
    swept = set(run.axes)
    parts = []
    if "model.x.law" not in swept:
        parts.append(f"{labels.LAWS.get(run.spec_value('model.x.law', 'gaussian'), '?')} x")
    if "model.noise.law" not in swept:
        parts.append(f"{labels.LAWS.get(run.spec_value('model.noise.law', 'gaussian'), '?')} gradient noise")
    if "optimizer.name" not in swept:
        name = run.spec_value("optimizer.name", "sgd")
        parts.append(labels.OPTIMIZERS.get(name, name))
    for field, symbol in PARAMETERS + INITIAL.get(run.spec_value("initial.kind", "point"), ()):
        value = run.spec_value(field)
        if field not in swept and value is not None:
            parts.append(f"{symbol} = {labels.number(value)}")
    return f"Parameters: {', '.join(parts)}; {_swept(run)}all dimensionless but steps. {_simulation(run)}"


def _swept(run):
    texts = []
    for field in run.axes:
        values = list(dict.fromkeys(run.parameter(field).values()))
        name = labels.plain(field)
        if all(isinstance(v, (int, float)) for v in values):
            texts.append(f"{name} from {labels.number(min(values))} to {labels.number(max(values))}")
        else:
            texts.append(f"{name}: {', '.join(str(v) for v in values)}")
    return f"swept: {'; '.join(texts)}; " if texts else ""


def _simulation(run):
    def spread(column, text=labels.power_of_ten):
        values = sorted({row[column] for row in run.points.values() if row[column] is not None})
        return " to ".join(dict.fromkeys(text(v) for v in (values[0], values[-1]))) if values else "?"

    steps = spread("steps")
    precision = spread("precision", str)
    approximations = sorted({row["approximation"] for row in run.points.values() if row["approximation"]})
    approximation = f" Approximation: {'; '.join(approximations)}." if approximations else ""
    return (f"{len(run.points)} point{'s' if len(run.points) > 1 else ''}, {spread('trajectories')} trajectories of "
            f"{steps} step{'' if steps == '1' else 's'} each; seed {run.meta.get('seed', '?')}, engine "
            f"{run.meta.get('engine', '?')}, {precision}.{approximation}")
