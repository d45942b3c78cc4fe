"""What a caption says of any run: its parameters, and what it was run on."""

import labels
import network_names
from network_run import METHOD, NetworkRun

ALWAYS = ("optimizer.learning_rate", "model.noise.std", "optimizer.weight_decay", "model.batch.size")
WHERE_NOT_ZERO = ("model.noise.mean", "model.alpha", "model.leak")
NETWORK_FIELDS = ("data.train_images", "data.test_images", "data.labels", "data.augmentation", "network.architecture",
                  "network.depth", "network.width", *METHOD, "network.gamma", "network.beta", "optimizer.name",
                  "optimizer.momentum", "optimizer.learning_rate", "optimizer.weight_decay", "training.batch",
                  "optimizer.decayed", "optimizer.schedule.kind", "training.rounds", "training.epochs",
                  "training.precision")
INITIAL = {
    "point": (("initial.gamma", "γ₀"), ("initial.beta", "β₀"), ("initial.u", "u")),
    "normal": (("initial.gamma_mean", "mean γ₀"), ("initial.gamma_std", "s.d. γ₀"), ("initial.beta_mean", "mean β₀"),
               ("initial.beta_std", "s.d. β₀")),
    "uniform": (("initial.gamma_lower", "γ₀ from"), ("initial.gamma_upper", "γ₀ to"),
                ("initial.beta_lower", "β₀ from"), ("initial.beta_upper", "β₀ to")),
    "even_ratio": (("initial.gamma", "γ₀"), ("initial.ratio_std", "s.d. of β/γ")),
    "table": (("initial.file", "(γ₀, β₀) from"),),
}


DEVICES = {"cpu": "the CPU", "cuda": "a CUDA device"}


def provenance(run):
    return _networks(run) if isinstance(run, NetworkRun) else _neuron(run)


def _neuron(run):
    """Two sentences: what was simulated, and how."""
    return f"{'; '.join(filter(None, (_fixed(run), _swept(run))))}; all dimensionless except steps. {_simulation(run)}"


def _fixed(run):
    swept = set(run.axes)
    parts = []
    if "model.x.law" not in swept:
        parts.append(f"{labels.value('model.x.law', run.spec_value('model.x.law'))} x")
    if "model.noise.law" not in swept and run.spec_value("model.noise.std") != 0:
        parts.append(f"{labels.value('model.noise.law', run.spec_value('model.noise.law'))} gradient noise")
    if "optimizer.name" not in swept:
        parts.append(labels.value("optimizer.name", run.spec_value("optimizer.name")))
    fields = [(field, labels.short_name(field)) for field in ALWAYS]
    fields += [(field, labels.short_name(field)) for field in WHERE_NOT_ZERO if run.spec_value(field)]
    for field, symbol in (*fields, *INITIAL.get(run.spec_value("initial.kind"), ())):
        if field not in swept and run.spec_value(field) is not None:
            parts.append(f"{symbol} = {labels.value(field, run.spec_value(field))}")
    return f"Parameters: {', '.join(parts)}"


def _swept(run):
    texts = []
    for field in run.axes:
        values = list(dict.fromkeys(run.parameter(field).values()))
        if all(isinstance(v, (int, float)) for v in values):
            shown = f"from {labels.number(min(values))} to {labels.number(max(values))}"
        else:
            shown = f"({', '.join(labels.value(field, v) for v in values)})"
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


def _networks(run):
    """What was trained; what was swept. Seeds, precision, device."""
    first = next(iter(run.points.values()), {"parameters": {}})["parameters"]
    fixed = {field: first.get(field, run.spec_value(field)) for field in NETWORK_FIELDS if field not in run.fields}
    trained = "; ".join(filter(None, (f"{' and '.join(run.datasets) or 'Unnamed data'} ({_data(fixed)})", _network(fixed),
                                      _optimizer(fixed), _rounds(fixed), _swept_fields(run))))
    count, unfinished = len(run.points), len(run.points) - len(run.finished)
    left_out = f" ({unfinished} unfinished, left out)" if unfinished else ""
    seeds = sorted({run.seed(point) for point in run.points})
    devices = " and ".join(DEVICES.get(device, device) for device in run.devices) or "an unnamed device"
    precision = f", {fixed['training.precision']}" if fixed.get("training.precision") else ""
    return (f"{trained}. {count} training{'' if count == 1 else 's'}{left_out}, seed{'' if len(seeds) == 1 else 's'} "
            f"{', '.join(map(str, seeds))}{precision}, on {devices}.")


def _swept_fields(run):
    texts = []
    if any(field in METHOD for field in run.fields):
        texts.append(", ".join(dict.fromkeys(network_names.method_of(run, group) for group in run.groups())))
    for field in run.fields:
        values = list(dict.fromkeys(run.parameter(field).values()))
        if field in METHOD:
            continue
        if all(isinstance(v, (int, float)) for v in values):
            shown = ", ".join(map(labels.number, values)) if len(values) <= 6 else \
                f"from {labels.number(min(values))} to {labels.number(max(values))}"
            texts.append(f"{labels.short_name(field)} = {shown}")
        else:
            texts.append(", ".join(network_names.phrase(field, v) for v in values))
    return f"swept: {'; '.join(texts)}" if texts else ""


def _data(fixed):
    parts = []
    for field, name in (("data.train_images", "training"), ("data.test_images", "test")):
        if field in fixed:
            parts.append(f"{labels.number(fixed[field])} {name} images" if fixed[field] else f"all {name} images")
    if fixed.get("data.labels") == "random":
        parts.append("random labels")
    if fixed.get("data.augmentation"):
        parts.append(network_names.phrase("data.augmentation", fixed["data.augmentation"]))
    return ", ".join(parts)


def _network(fixed):
    parts = []
    if "network.architecture" in fixed and "network.depth" in fixed:
        parts.append(network_names.network(fixed["network.architecture"], fixed["network.depth"]))
    if "network.width" in fixed:
        parts.append(f"width {fixed['network.width']}")
    if all(field in fixed for field in METHOD):
        parts.append(network_names.method(*(fixed[field] for field in METHOD)))
    for field in ("network.gamma", "network.beta"):
        if fixed.get(field) is not None and (field == "network.gamma" or fixed[field]):
            parts.append(f"{labels.short_name(field)} = {labels.number(fixed[field])}")
    return ", ".join(parts)


def _optimizer(fixed):
    parts = []
    name = fixed.get("optimizer.name")
    momentum = fixed.get("optimizer.momentum")
    called = labels.value("optimizer.name", name) if name else ""
    if name == "nesterov" and momentum:
        parts.append(f"{called}, momentum {labels.number(momentum)}")
    elif name == "momentum" and momentum:
        parts.append(f"{called} {labels.number(momentum)}")
    elif name:
        parts.append(called)
    for field in ("optimizer.learning_rate", "optimizer.weight_decay", "training.batch"):
        if fixed.get(field) is not None:
            parts.append(f"{labels.short_name(field)} = {labels.number(fixed[field])}")
    if fixed.get("optimizer.decayed") == "weights":
        parts.append(network_names.phrase("optimizer.decayed", "weights"))
    return ", ".join(parts)


def _rounds(fixed):
    schedule = fixed.get("optimizer.schedule.kind")
    annealing = {"cosine": "cosine annealing in each", "step": "learning rate lowered in steps in each",
                 "constant": "constant learning rate"}.get(schedule, schedule)
    counts = [f"{fixed[field]} {name}{'' if fixed[field] == 1 else 's'}" for field, name in
              (("training.rounds", "round"), ("training.epochs", "epoch")) if fixed.get(field)]
    return ", ".join(filter(None, (" of ".join(counts), annealing)))
