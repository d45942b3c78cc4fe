#!/usr/bin/env python3
"""Measures the training of ResNet-20 (batch 128) and its peers in one run, in turn, and writes a table.

Usage: networks.py BENCH_NETWORKS OUTPUT_FOLDER [--device cuda|cpu] [--images N] [--seconds S]

Writes OUTPUT_FOLDER/networks.json and networks.md. A peer that does not start is named with its last line.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

from compare import measure_in_turn, start

EPOCH = 50_000  # images of CIFAR-10's training set
OURS, EAGER, COMPILED = "bncollapse", "PyTorch, eager", "PyTorch, torch.compile"


def commands(program, device, images):
    """{(program, precision): command}; the peers have their images on the device."""
    found = {}
    for precision in ("float32", "bfloat16"):
        case = ["resnet", 20, 16, 128, precision, 1, images, device]
        script = [sys.executable, "network_torch_peer.py", *case]
        found |= {(OURS, precision): [program, *case], (EAGER, precision): [*script, "eager"],
                  (COMPILED, precision): [*script, "compiled"]}
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench_networks", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--images", type=int, default=EPOCH)
    parser.add_argument("--seconds", type=float, default=120, help="after which no further round starts")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    left_out, peers = {}, {}
    for label, command in commands(args.bench_networks.resolve(), args.device, args.images).items():
        peers[label] = start(label, command, left_out)
    peers = {label: peer for label, peer in peers.items() if peer}
    measure_in_turn(peers, left_out, args.seconds, 8)  # the first round warms up: captures, compiles
    if (OURS, "float32") not in peers:
        raise SystemExit(f"our training did not run: {left_out.get((OURS, 'float32'))}")

    def seconds(label):
        """Of an epoch of CIFAR-10."""
        return statistics.median(answer["seconds"] for answer in peers[label].answers[1:]) * EPOCH / peers[label].about["images"]

    rows = [{"program": who, "precision": precision, **peers[who, precision].about, "seconds_per_epoch": seconds((who, precision)), **{
        f"faster_than {other}": seconds((other, precision)) / seconds((who, precision))
        for other in (EAGER, COMPILED) if who == OURS and (other, precision) in peers}} for who, precision in peers]
    ours = seconds((OURS, "float32"))
    goals = {"at most 1.0 s an epoch, float32": ours <= 1.0, "0.4 s an epoch, the aim": ours <= 0.4}
    if (EAGER, "float32") in peers:
        goals["3 times PyTorch, eager, float32"] = 3 * ours <= seconds((EAGER, "float32"))
    rounds = len(peers[OURS, "float32"].answers) - 1
    text = ["| program | precision | s an epoch of 50,000 images | ours is faster by |", "| --- | --- | --- | --- |"]
    text += [f"| {who} | {precision} | {seconds((who, precision)):.3f} | "
             f"{seconds((who, precision)) / seconds((OURS, precision)):.2f} |" for who, precision in peers]
    text += ["", "| goal on an H200 | reached |", "| --- | --- |"]
    text += [f"| {goal} | {'yes' if reached else 'no'} |" for goal, reached in goals.items()]
    text += ["", f"ResNet-20, batch 128, on {args.device}; medians over {rounds} rounds in turn, after one that warms up; "
                 f"{args.images} images a round."]
    left_out = {", ".join(label): reason for label, reason in left_out.items()}
    text += [f"Left out: {label}: {reason}" for label, reason in left_out.items()]
    (args.output / "networks.json").write_text(
        json.dumps({"device": args.device, "rounds": rounds, "rows": rows, "goals": goals, "left_out": left_out}, indent=1) + "\n")
    (args.output / "networks.md").write_text("\n".join(text) + "\n")
    print("\n".join(text))


if __name__ == "__main__":
    main()
