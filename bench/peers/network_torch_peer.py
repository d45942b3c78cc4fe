"""The networks of bench/networks.cpp in eager PyTorch, as its users write them: torch.nn, torch.optim.SGD, default memory
format, the images as normalised tensors on the device. It neither crops nor flips, which ours does. For each line on
standard input one epoch, answered by its seconds. Arguments: architecture depth width batch precision threads images device
eager|compiled."""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional


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


def main():
    architecture, depth, width, batch, precision, threads, images, device, variant = sys.argv[1:]
    depth, width, batch, threads, images = map(int, (depth, width, batch, threads, images))
    torch.set_num_threads(threads)
    model = network(architecture, depth, width).to(device)
    scores = torch.compile(model) if variant == "compiled" else model
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    x, labels = torch.randn(images, 3, 32, 32, device=device), torch.randint(10, (images,), device=device)
    steps = images // batch
    print(json.dumps({"images": steps * batch, "version": torch.__version__}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        order, total = torch.randperm(images, device=device), torch.zeros((), device=device)
        for step in range(steps):
            rows = order[step * batch:(step + 1) * batch]
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = functional.cross_entropy(scores(x[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        mean = total.item() / steps  # waits for the device
        print(json.dumps({"seconds": time.perf_counter() - start, "loss": mean}), flush=True)


if __name__ == "__main__":
    main()
