#!/usr/bin/env python3
"""Measures the cuda engine and its peers in one run, in turn, and writes a table.

Usage: compare.py CUDA_PEER OUTPUT_FOLDER [--seconds S]

Writes OUTPUT_FOLDER/speed.json and speed.md, anew after every round. A peer that does not start (a library that is not there) is
named with its last line; one whose mean differs from ours by more than 5 standard errors is an error.
"""

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PEERS = Path(__file__).resolve().parent.parent / "peers"
STEPS, RATE = 1000, 0.03
TRAJECTORIES = 1 << 24
PEER_TRAJECTORIES = 1 << 22
LONGEST_ANSWER = 60  # seconds until a program is given up
OWN_CASES = ["plain", "approximate", "record every 100 steps", "approximate, record every 100 steps", "1000 points together",
             "1000 points one by one", "histograms every 100 steps", "float64", "antithetic", "control variate",
             "first activation", "momentum", "adamw", "laplace x", "batch 8"]
OTHERS = {"PyTorch, eager": ("torch_cuda_peer.py", "eager"), "PyTorch, torch.compile": ("torch_cuda_peer.py", "compiled"),
          "JAX, scan, threefry": ("jax_cuda_peer.py", "threefry"), "JAX, scan, rbg": ("jax_cuda_peer.py", "rbg"),
          "Numba CUDA kernel": ("numba_cuda_peer.py", "xoroshiro")}


class Peer:
    """A program that answers seeds with measurements; see ../peers/peer.py."""

    def __init__(self, command):
        self.messages = tempfile.TemporaryFile("w+")  # a pipe that nobody reads would fill up
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.messages, text=True, cwd=PEERS)
        self.about = None  # read once it has warmed up
        self.answers = []

    def read(self):
        timer = threading.Timer(LONGEST_ANSWER, self.process.kill)
        began = time.monotonic()
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if not line and time.monotonic() - began >= LONGEST_ANSWER:
            raise RuntimeError(f"no answer within {LONGEST_ANSWER} s")
        if not line:
            raise RuntimeError(self.last_words())
        try:
            return json.loads(line)
        except ValueError as error:
            self.process.kill()
            raise RuntimeError(f"printed {line.strip()}") from error

    def last_words(self):
        self.process.wait()
        self.messages.seek(0)
        return (self.messages.read().strip().splitlines() or ["no message"])[-1]

    def measure(self, seed):
        print(seed, file=self.process.stdin, flush=True)
        self.answers.append(self.read())

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def rate(self):
        work = self.about["trajectories"] * self.about["steps"]
        return statistics.median(work / answer["seconds"] for answer in self.answers)

    def mean(self):
        error = math.sqrt(sum(a["standard_error"] ** 2 for a in self.answers)) / len(self.answers)
        return statistics.fmean(a["mean"] for a in self.answers), error


def goals(rates):
    """{goal: whether it is reached}, of the goals whose programs ran."""
    wanted = [("plain: 240 billion steps a second", "plain", None, 240e9),
              ("approximate: 430 billion steps a second", "approximate", None, 430e9),
              ("a record every 100 steps costs at most 5 %", "record every 100 steps", "plain", 1 / 1.05),
              ("5 times PyTorch, eager", "plain", "PyTorch, eager", 5),
              ("2 times PyTorch, torch.compile", "plain", "PyTorch, torch.compile", 2),
              ("3 times JAX, scan, threefry", "plain", "JAX, scan, threefry", 3),
              ("3 times JAX, scan, rbg", "plain", "JAX, scan, rbg", 3)]
    return {text: rates[ours] >= factor * (rates[theirs] if theirs else 1) for text, ours, theirs, factor in wanted
            if ours in rates and (theirs is None or theirs in rates)}


def start(label, command, left_out):
    try:
        return Peer(command)
    except OSError as reason:
        left_out[label] = str(reason)
        return None


def each(peers, left_out, act):
    """act(peer) for each; a peer that has ended is moved to left_out with its last line."""
    for label in list(peers):
        try:
            act(peers[label])
        except RuntimeError as reason:
            left_out[label] = str(reason)
            del peers[label]
        except OSError:  # it ended before it was asked
            left_out[label] = peers[label].last_words()
            del peers[label]


def measure_in_turn(peers, left_out, seconds, most_rounds, after_round=lambda: None):
    """Once all have warmed up, side by side, round after round until `seconds` after the first."""

    def warmed_up(peer):
        peer.about = peer.read()

    each(peers, left_out, warmed_up)
    begin = None
    for seed in range(1, most_rounds + 1):
        each(peers, left_out, lambda peer: peer.measure(seed))
        after_round()
        begin = begin or time.monotonic()
        if time.monotonic() - begin > seconds:
            break
    for peer in peers.values():
        peer.close()


def write_results(output, peers, left_out):
    """speed.json and speed.md of what has been measured so far; their text."""
    if "plain" not in peers:
        raise SystemExit(f"the cuda engine did not run: {left_out.get('plain')}")
    ours = peers["plain"].rate()
    result = {"rounds": len(peers["plain"].answers), "left_out": left_out, "rows": []}
    text = ["| program | steps a second | plain engine is faster by |", "| --- | --- | --- |"]
    for label, peer in peers.items():
        result["rows"].append({"label": label, **peer.about, "steps_per_second": peer.rate(),
                               "plain_is_faster_by": ours / peer.rate()})
        text.append(f"| {label} | {peer.rate():.3g} | {ours / peer.rate():.2f} |")
    result["goals"] = goals({label: peer.rate() for label, peer in peers.items()})
    text += ["", "| goal | reached |", "| --- | --- |"]
    text += [f"| {goal} | {'yes' if reached else 'no'} |" for goal, reached in result["goals"].items()]
    text += ["", f"Medians over {result['rounds']} rounds in turn; {STEPS} steps."]
    text += [f"Left out: {label}: {reason}" for label, reason in left_out.items()]
    (output / "speed.json").write_text(json.dumps(result, indent=1) + "\n")
    (output / "speed.md").write_text("\n".join(text) + "\n")
    return "\n".join(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cuda_peer", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--seconds", type=float, default=150, help="after which no further round starts")
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    left_out, peers = {}, {}
    for case in OWN_CASES:
        peers[case] = start(case, [args.cuda_peer.resolve(), case, TRAJECTORIES, STEPS, RATE], left_out)
    for label, (script, variant) in OTHERS.items():
        peers[label] = start(label, [sys.executable, script, "--variant", variant, "--trajectories", PEER_TRAJECTORIES,
                                     "--steps", STEPS, "--learning-rate", RATE], left_out)
    peers = {label: peer for label, peer in peers.items() if peer}
    measure_in_turn(peers, left_out, args.seconds, 9, lambda: write_results(args.output, peers, left_out))
    print(write_results(args.output, peers, left_out))
    our_mean, our_error = peers["plain"].mean()
    for label, peer in peers.items():
        mean, error = peer.mean()
        if (label in OTHERS or label.startswith("approximate")) and abs(mean - our_mean) > 5 * math.hypot(error, our_error):
            raise SystemExit(f"{label} simulates something else: {mean} +- {error}, ours {our_mean} +- {our_error}")
    if left_out:
        raise SystemExit(f"{len(left_out)} of {len(OWN_CASES) + len(OTHERS)} programs were left out")


if __name__ == "__main__":
    main()
