"""What the Python peers share: the task, its command line and the protocol.

The task: `trajectories` neurons start from (gamma, beta) = (1, 0) and take `steps` steps of SGD in float32,

    active = gamma x + beta > 0,   gamma -= learning_rate g x active,   beta -= learning_rate g active,

x and g standard normal; the answer is the mean of P = Phi(beta / |gamma|) at the end. A peer warms up, prints
a line that describes it, then answers each line on its standard input, a seed, with a line of JSON: seconds,
mean, standard error. So a driver can interleave the peers and pays each one's start only once.
"""

import argparse
import json
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy.special import ndtr


def arguments(description, variants):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--variant", choices=variants, default=variants[0])
    parser.add_argument("--trajectories", type=int, default=65536)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--learning-rate", type=float, default=0.03)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=8192, help="trajectories that step together")
    return parser.parse_args()


def probability_sums(gamma, beta):
    """(count, sum of P, sum of P^2)"""
    p = ndtr(beta.astype(np.float64) / np.abs(gamma).astype(np.float64))
    return np.array([p.size, p.sum(), (p * p).sum()])


def in_threads(chunk_sums, args):
    """A simulation out of `chunk_sums(seed_sequence, trajectories)`, chunks shared by Python threads (the
    libraries let go of the interpreter's lock while they fill and combine arrays)."""
    pool = ThreadPoolExecutor(args.threads)

    def simulate(seed):
        sizes = [args.chunk] * (args.trajectories // args.chunk)
        if args.trajectories % args.chunk:
            sizes.append(args.trajectories % args.chunk)
        seeds = np.random.SeedSequence(seed).spawn(len(sizes))
        return sum(pool.map(chunk_sums, seeds, sizes))

    return simulate


def serve(name, version, args, simulate):
    simulate(0)
    print(json.dumps({"peer": name, "version": version, "variant": args.variant, "threads": args.threads,
                      "trajectories": args.trajectories, "steps": args.steps, "chunk": args.chunk}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        count, total, square_total = simulate(int(line))
        seconds = time.perf_counter() - start
        mean = total / count
        error = math.sqrt(max(square_total / count - mean * mean, 0) / (count - 1))
        print(json.dumps({"seconds": seconds, "mean": mean, "standard_error": error}), flush=True)
