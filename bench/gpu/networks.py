#!/usr/bin/env python3
"""Measures the training of ResNet-20 (batch 128) and its peers in one run, in turn, and writes a table.

Usage: networks.py BENCH_NETWORKS OUTPUT_FOLDER [--device cuda|cpu] [--images N] [--seconds S] [--precisions P,...]
                   [--variants V,...]

Writes OUTPUT_FOLDER/networks.json and networks.md, anew after every round. A program that fails is named there with its last line, and
the exit code is 1.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

from compare import measure_in_turn, start

EPOCH = 50_000  # images of CIFAR-10's training set
OURS = "bncollapse"
VARIANTS = ["eager", "eager-channels-last", "compile", "compile-channels-last", "graphs-channels-last"]  # of ../peers/network_torch_peer.py


def peer_name(variant):
    return f"PyTorch, {variant}"


def commands(program, device, images, precisions, variants):
    """{(program, precision): command}"""
    found = {}
    for precision in precisions:
        case = ["resnet", 20, 16, 128, precision, 1, images, device]
        found[OURS, precision] = [program, *case]
        for variant in variants:
            found[peer_name(variant), precision] = [sys.executable, "network_torch_peer.py", *case, variant]
    return found


def write_results(args, peers, left_out):
    """networks.json and networks.md of what has been measured so far; their text."""
    measured = {label: peer for label, peer in peers.items() if len(peer.answers) >= 2}  # the first round warms up

    def seconds(who, precision):
        """Of an epoch of CIFAR-10; None where it was left out."""
        peer = measured.get((who, precision))
        return peer and statistics.median(answer["seconds"] for answer in peer.answers[1:]) * EPOCH / peer.about["images"]

    def ratio(other, precision):
        """How many times faster than another program ours is, of the same precision."""
        ours, theirs = seconds(OURS, precision), seconds(other, precision)
        return theirs / ours if ours and theirs else None

    rows = [{"program": who, "precision": precision, **peer.about, "seconds_per_epoch": seconds(who, precision),
             "ours_is_faster_by": ratio(who, precision)} for (who, precision), peer in measured.items()]
    eager = min(filter(None, (seconds(peer_name(v), "float32") for v in args.variants if v.startswith("eager"))), default=None)
    ours = {precision: seconds(OURS, precision) for precision in args.precisions}
    goals = {}
    if ours.get("tf32"):
        goals |= {"0.45 s an epoch, tf32": ours["tf32"] <= 0.45, "0.4 s an epoch, tf32, the aim": ours["tf32"] <= 0.4}
    if ours.get("float32") and eager:
        goals["1.5 times the faster eager PyTorch, float32"] = 1.5 * ours["float32"] <= eager
    rounds = min((len(peer.answers) for peer in measured.values()), default=1) - 1
    text = ["| program | precision | s an epoch of 50,000 images | ours is faster by |", "| --- | --- | --- | --- |"]
    text += [f"| {row['program']} | {row['precision']} | {row['seconds_per_epoch']:.3f} | "
             + (f"{row['ours_is_faster_by']:.2f} |" if row["ours_is_faster_by"] else " |") for row in rows]
    text += ["", "| goal on an H100 | reached |", "| --- | --- |"]
    text += [f"| {goal} | {'yes' if reached else 'no'} |" for goal, reached in goals.items()]
    text += ["", f"ResNet-20, batch 128, on {args.device}; medians over {rounds} rounds in turn, after one that warms up; "
                 f"{args.images} images a round."]
    named = {", ".join(label): reason for label, reason in left_out.items()}
    text += [f"Left out: {label}: {reason}" for label, reason in named.items()]
    result = {"device": args.device, "rounds": rounds, "rows": rows, "goals": goals, "left_out": named}
    (args.output / "networks.json").write_text(json.dumps(result, indent=1) + "\n")
    (args.output / "networks.md").write_text("\n".join(text) + "\n")
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bench_networks", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--images", type=int, default=EPOCH)
    parser.add_argument("--seconds", type=float, default=120, help="after which no further round starts")
    parser.add_argument("--precisions", help="by commas (float32, bfloat16 and, on cuda, tf32)")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="of the peer, by commas")
    args = parser.parse_args()
    args.precisions = (args.precisions or ("float32,tf32,bfloat16" if args.device == "cuda" else "float32,bfloat16")).split(",")
    args.variants = args.variants.split(",")
    args.output.mkdir(parents=True, exist_ok=True)
    left_out, peers = {}, {}
    wanted = commands(args.bench_networks.resolve(), args.device, args.images, args.precisions, args.variants)
    for label, command in wanted.items():
        peers[label] = start(label, command, left_out)
    peers = {label: peer for label, peer in peers.items() if peer}
    measure_in_turn(peers, left_out, args.seconds, 8, lambda: write_results(args, peers, left_out))
    left_out |= {label: "there was no time for a round after the one that warms up" for label, peer in peers.items()
                 if len(peer.answers) < 2}
    print(write_results(args, peers, left_out))
    if left_out:
        raise SystemExit(f"{len(left_out)} of {len(wanted)} programs were left out")


if __name__ == "__main__":
    main()
