"""The networks of bench/networks.cpp in PyTorch, as its users write them: torch.nn, torch.optim.SGD, torch.autocast, the
images as normalised tensors on the device. For each line on standard input one epoch, answered by its seconds; README.md
says what they hold. Arguments: architecture depth width batch precision threads images device variant.

The variants: eager, compile (torch.compile), graphs (the same with CUDA graphs, its mode "reduce-overhead"), each with
-channels-last (model and images in that memory format) or without."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional


MODES = {"eager": lambda model: model, "compile": torch.compile,
         "graphs": lambda model: torch.compile(model, mode="reduce-overhead")}
VARIANTS = {f"{mode}{suffix}": (prepare, layout) for mode, prepare in MODES.items()
            for suffix, layout in (("", torch.contiguous_format), ("-channels-last", torch.channels_last))}


def convolution(inputs, outputs, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """He et al.'s, with an identity shortcut padded by zeros."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = convolution(inputs, outputs, stride), convolution(outputs, outputs)
        self.stride, self.added = stride, outputs - inputs

    def forward(self, x):
        z = self.second(functional.relu(self.first(x), inplace=True))
        if self.added:
            x = functional.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, 0, self.added))
        return functional.relu(z + x, inplace=True)


class GlobalMean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def network(architecture, depth, width):
    modules, channels, size = [], 3, 32

    def add(outputs):
        nonlocal channels
        modules.extend([convolution(channels, outputs), nn.ReLU(inplace=True)])
        channels = outputs

    if architecture == "resnet":
        add(width)
        for stage in range(3):
            for block in range((depth - 2) // 6):
                modules.append(Block(channels, width << stage, 2 if stage and not block else 1))
                channels = width << stage
        modules.append(GlobalMean())
    elif architecture == "vgg":
        for stage, count in enumerate([1, 1, 2, 2, 2] if depth == 11 else [2, 2, 3, 3, 3]):
            for _ in range(count):
                add(width << min(stage, 3))
            modules.append(nn.MaxPool2d(2))
        modules.append(nn.Flatten())
    else:
        for position in range(1, depth + 1):
            add(width if position <= depth // 2 else 2 * width)
            if position in (1, depth // 2):
                modules.append(nn.MaxPool2d(2))
        modules.append(GlobalMean())
    modules.append(nn.Linear(channels, 10))
    return nn.Sequential(*modules)


def set_precision(precision, device):
    """PyTorch's default is TF32 in convolutions; float32 is just that here."""
    if precision not in ("float32", "tf32", "bfloat16") or (precision == "tf32" and device == "cpu"):
        sys.exit(f"{precision} is no precision of {device}; it must be float32, bfloat16 or, on cuda, tf32")
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def cropped(framed, layout):
    """A 32 x 32 crop of every image (count x 40 x 40 x 3), every other one flipped, all at once."""
    count, device = len(framed), framed.device
    side = torch.arange(32, device=device)
    row, column = (torch.randint(9, (count, 1), device=device) for _ in range(2))
    columns = column + torch.where(torch.rand(count, 1, device=device) < 0.5, side, side.flip(0))
    images = framed[torch.arange(count, device=device)[:, None, None], (row + side)[:, :, None], columns[:, None, :]]
    return images.permute(0, 3, 1, 2).contiguous(memory_format=layout)


def main():
    architecture, depth, width, batch, precision, threads, images, device, variant = sys.argv[1:]
    depth, width, batch, threads, images = map(int, (depth, width, batch, threads, images))
    if variant not in VARIANTS:
        sys.exit(f"{variant} is no variant; it must be one of {', '.join(VARIANTS)}")
    torch.set_num_threads(threads)
    set_precision(precision, device)
    prepare, layout = VARIANTS[variant]
    model = network(architecture, depth, width).to(device, memory_format=layout)
    scores = prepare(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    framed = functional.pad(torch.randn(images, 32, 32, 3, device=device), (0, 0, 4, 4, 4, 4))
    labels = torch.randint(10, (images,), device=device)
    steps = images // batch
    print(json.dumps({"images": steps * batch, "version": torch.__version__}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        order, total = torch.randperm(images, device=device), torch.zeros((), device=device)
        x = cropped(framed, layout)
        for step in range(steps):
            rows = order[step * batch:(step + 1) * batch]
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = functional.cross_entropy(scores(x[rows]), labels[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach()
        mean = total.item() / steps  # waits for the device
        print(json.dumps({"seconds": time.perf_counter() - start, "loss": mean}), flush=True)


if __name__ == "__main__":
    main()
