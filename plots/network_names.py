"""What figures call the networks, optimizers and series of a run."""

import labels
from network_run import METHOD


def network(architecture, depth):
    """"ResNet-20", "VGG16", "BasicNet", "plain network of 6 convolutions"."""
    return {"resnet": f"ResNet-{depth}", "vgg": f"VGG{depth}", "basicnet": "BasicNet",
            "plain": f"plain network of {depth} convolutions"}.get(architecture, f"{architecture} {depth}")


def method(normalisation, alpha, leak):
    """"BN", "psBN α = 0.02", "Leaky ReLU", "instance norm": what is normalised, and the rectifier where not ReLU."""
    normalised = labels.value("network.normalisation", normalisation)
    if alpha and normalisation == "batch":
        name = f"psBN α = {labels.number(alpha)}"
    elif alpha:
        name = f"{normalised}, α = {labels.number(alpha)}"
    else:
        name = normalised
    if not leak:
        return name
    rectifier = "linear" if leak == 1 else "Leaky ReLU"
    return rectifier if name == "BN" and leak != 1 else f"{name}, {rectifier}"


def method_of(run, group):
    return method(*(run.value(group, field) for field in METHOD))


def phrase(field, value):
    """"η = 0.1", "random labels", "no weight decay", "Adam, L2"."""
    if field == "data.labels":
        return f"{value} labels"
    if field == "data.augmentation":
        return "crop and flip" if value == "crop_flip" else "no augmentation"
    if field == "optimizer.name":
        return labels.value(field, value)
    if field == "optimizer.decayed":
        return "all parameters decayed" if value == "all" else "normalisation not decayed"
    if field == "optimizer.weight_decay" and value == 0:
        return "no weight decay"
    if field == "training.shuffle_weights_after":
        return f"weights shuffled after round {value}" if value else "weights not shuffled"
    if isinstance(value, str):
        return value
    return f"{labels.short_name(field)} = {labels.number(value)}"


def series(run, group, without=()):
    """What tells this group from the others of the run, the fields `without` left out."""
    fields = [field for field in run.fields if field not in without]
    parts = [method_of(run, group)] if any(field in METHOD for field in fields) else []
    if {"network.architecture", "network.depth"} & set(fields):
        parts.append(network(run.value(group, "network.architecture"), run.value(group, "network.depth")))
    parts += [phrase(field, group.parameters[field]) for field in fields
              if field not in (*METHOD, "network.architecture", "network.depth") and field in group.parameters]
    return ", ".join(parts) or method_of(run, group)


def variant(run, group):
    """The method and every field in which the group differs from the run's first."""
    first = run.groups()[0]
    same = [field for field in run.fields if field not in METHOD
            and group.parameters.get(field) == first.parameters.get(field)]
    name = method_of(run, group)
    rest = series(run, group, without=(*METHOD, *same))
    return name if rest == name else f"{name}, {rest}"
