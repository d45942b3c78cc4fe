"""The task as a hand-written Numba CUDA kernel: one thread a trajectory, xoroshiro128+ normals in float32, P and its sums on
the device."""

import math

import numpy as np

for old, new in {"row_stack": "vstack", "in1d": "isin", "trapz": "trapezoid"}.items():
    if not hasattr(np, old):  # gone in NumPy 2.5, which Numba may not know yet
        setattr(np, old, getattr(np, new))

from numba import cuda, float64
from numba.cuda.random import create_xoroshiro128p_states, xoroshiro128p_normal_float32

import peer

THREADS = 256
SQRT_2 = math.sqrt(2)


@cuda.jit(fastmath=False)
def walk(states, sums, steps, rate):
    """Adds the sums of P and of its square to `sums`; as many trajectories as states."""
    p = cuda.shared.array(THREADS, float64)
    i = cuda.grid(1)
    thread = cuda.threadIdx.x
    p[thread] = 0
    if i < states.size:
        gamma = np.float32(1)
        beta = np.float32(0)
        for _ in range(steps):
            x = xoroshiro128p_normal_float32(states, i)
            g = xoroshiro128p_normal_float32(states, i)
            if gamma * x + beta > np.float32(0):
                d = rate * g
                gamma -= d * x
                beta -= d
        p[thread] = 0.5 * math.erfc(-float64(beta) / (abs(float64(gamma)) * SQRT_2))
    cuda.syncthreads()
    if thread == 0:
        total = float64(0)
        squares = float64(0)
        for k in range(THREADS):
            total += p[k]
            squares += p[k] * p[k]
        cuda.atomic.add(sums, 0, total)
        cuda.atomic.add(sums, 1, squares)


def main():
    args = peer.arguments(__doc__, ["xoroshiro"])
    rate = np.float32(args.learning_rate)
    blocks = (args.trajectories + THREADS - 1) // THREADS
    # Their start takes longer than the walk: made once, and left as the walk before left them.
    states = create_xoroshiro128p_states(args.trajectories, seed=1)

    def simulate(seed):
        sums = cuda.to_device(np.zeros(2))
        walk[blocks, THREADS](states, sums, args.steps, rate)
        return args.trajectories, *sums.copy_to_host()

    peer.serve("Numba CUDA", __import__("numba").__version__, args, simulate)


if __name__ == "__main__":
    main()
