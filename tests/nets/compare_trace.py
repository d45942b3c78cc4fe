"""Follows a training of nets_trace with PyTorch's own layers and optimizers and compares the loss of every step.

    compare_trace.py NETS_TRACE OPTIMIZER float32|float64

Where a rectifier or a max-pool comes within rounding of switching, no two implementations agree in float32: the
trainings that meet such a place (a relative change of 1e-7 in their weights moves their loss by more than 1e-4 within
the 20 steps, or a tie of a max-pool does) are compared in float64 alone.
Exit codes: 0 the losses agree (within 1e-4 in float32, 1e-9 in float64), 1 they do not, 77 there is no PyTorch.
"""

import json
import os
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    print(error)
    sys.exit(77)


def read_safetensors(path):
    data = open(path, "rb").read()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1"}
    result = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            values = numpy.frombuffer(data[start:end], dtype=types[entry["dtype"]]).reshape(entry["shape"])
            result[name] = torch.from_numpy(values.copy())
    return result


class Shift(nn.Module):
    def __init__(self, alpha):
        super().__init__()
        self.alpha = alpha

    def forward(self, x):
        return x + self.alpha


def unit(inputs, outputs, stride=1, norm="batch", alpha=0.0):
    layers = [nn.Conv2d(inputs, outputs, 3, stride, 1, bias=norm == "none")]
    if norm == "batch":
        layers.append(nn.BatchNorm2d(outputs))
    if norm == "instance":
        layers.append(nn.InstanceNorm2d(outputs, affine=True))
    return nn.Sequential(*layers, Shift(alpha))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, alpha):
        super().__init__()
        self.first = unit(inputs, outputs, stride, alpha=alpha)
        self.second = unit(outputs, outputs, alpha=alpha)
        self.stride = stride
        self.added = outputs - inputs

    def forward(self, x):
        shortcut = functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.added))
        return functional.relu(self.second(functional.relu(self.first(x))) + shortcut)


def resnet(depth, width, alpha=0.0):
    layers = [unit(3, width, alpha=alpha), nn.ReLU()]
    inputs = width
    for stage in range(3):
        for block in range((depth - 2) // 6):
            outputs = width * 2 ** stage
            layers.append(Block(inputs, outputs, 2 if stage and not block else 1, alpha))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 10))


def chain(plan, hidden=(), mean=False, rectifier=nn.ReLU, **norm):
    layers, inputs, size = [], 3, 32
    for item in plan:
        if item == "pool":
            layers.append(nn.MaxPool2d(2))
            size //= 2
        else:
            layers += [unit(inputs, item, **norm), rectifier()]
            inputs = item
    if mean:
        layers.append(nn.AdaptiveAvgPool2d(1))
        size = 1
    layers.append(nn.Flatten())
    inputs *= size * size
    for width in hidden:
        layers += [nn.Linear(inputs, width), rectifier()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


PLAIN = (8, "pool", 8, "pool", 16, 16)
VGG11 = (8, "pool", 16, "pool", 32, 32, "pool", 64, 64, "pool", 64, 64, "pool")
BASIC = (8, 16, 16, "pool", 32, 32, "pool", 64, 64, "pool")

CASES = {
    "sgd": (lambda: resnet(8, 8),
            lambda groups: torch.optim.SGD(groups(5e-3, 5e-3), lr=0.05)),
    "momentum": (lambda: resnet(8, 8),
                 lambda groups: torch.optim.SGD(groups(5e-3, 5e-3), lr=0.02, momentum=0.9)),
    "nesterov": (lambda: resnet(14, 8, alpha=0.1),
                 lambda groups: torch.optim.SGD(groups(5e-3, 0), lr=0.02, momentum=0.9, nesterov=True)),
    "adam": (lambda: chain(PLAIN, mean=True, rectifier=lambda: nn.LeakyReLU(0.1)),
             lambda groups: torch.optim.Adam(groups(5e-3, 5e-3), lr=1e-3)),
    "amsgrad": (lambda: chain(PLAIN, mean=True, norm="instance"),
                lambda groups: torch.optim.Adam(groups(5e-3, 5e-3), lr=1e-3, amsgrad=True)),
    "adamw": (lambda: chain(VGG11),
              lambda groups: torch.optim.AdamW(groups(0.5, 0.5), lr=1e-3)),
    "rmsprop": (lambda: chain(BASIC, hidden=(128,)),
                lambda groups: torch.optim.RMSprop(groups(1e-3, 1e-3), lr=3e-4, alpha=0.99)),
    "adagrad": (lambda: chain(PLAIN, mean=True, norm="none"),
                lambda groups: torch.optim.Adagrad(groups(1e-3, 1e-3), lr=1e-2)),
}


def take_weights(network, trace):
    convolutions = linears = 0
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            convolutions += 1
            name = f"conv{convolutions}"
        elif isinstance(module, nn.Linear):
            linears += 1
            name = f"dense{linears}"
        elif isinstance(module, (nn.BatchNorm2d, nn.InstanceNorm2d)):
            module.weight.data.copy_(trace.pop(f"conv{convolutions}.gamma"))
            module.bias.data.copy_(trace.pop(f"conv{convolutions}.beta"))
            continue
        else:
            continue
        module.weight.data.copy_(trace.pop(f"{name}.weight"))
        if module.bias is not None:
            module.bias.data.copy_(trace.pop(f"{name}.bias"))
    left = [name for name in trace if name.startswith(("conv", "dense"))]
    assert not left, f"parameters that this network lacks: {left}"


def main(program, case, precision):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.safetensors")
        subprocess.run([program, case, precision, path], check=True)
        trace = read_safetensors(path)
    torch.set_num_threads(1)
    make_network, make_optimizer = CASES[case]
    dtype = {"float32": torch.float32, "float64": torch.float64}[precision]
    network = make_network().to(dtype)
    take_weights(network, trace)
    normalisation = [parameter for module in network.modules()
                     if isinstance(module, (nn.BatchNorm2d, nn.InstanceNorm2d)) for parameter in module.parameters()]
    known = {id(parameter) for parameter in normalisation}
    others = [parameter for parameter in network.parameters() if id(parameter) not in known]

    def groups(decay, normalisation_decay):
        result = [{"params": others, "weight_decay": decay}]
        return result + [{"params": normalisation, "weight_decay": normalisation_decay}] if normalisation else result

    optimizer = make_optimizer(groups)
    expected = trace["losses"].tolist()
    worst = 0.0
    for step, loss_there in enumerate(expected):
        loss = functional.cross_entropy(network(trace[f"images.{step}"].to(dtype)), trace[f"labels.{step}"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        worst = max(worst, abs(loss.item() - loss_there))
    network.eval()
    with torch.no_grad():
        scores = (network(trace["images.evaluated"].to(dtype)) - trace["scores"]).abs().max().item()
    moved = abs(expected[0] - expected[-1])
    print(f"{case} in {precision}: loss {expected[0]:.4f} to {expected[-1]:.4f}, largest difference {worst:.2e}; "
          f"scores with running statistics {scores:.2e}")
    loss_tolerance, score_tolerance = {"float32": (1e-4, 1e-2), "float64": (1e-9, 1e-7)}[precision]
    return 0 if worst < loss_tolerance and scores < score_tolerance and moved > 0.01 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
