"""The task in Numba: one compiled loop over trajectories, the neuron in registers, no fast-math.

Variants: `numpy_normals`, np.random.standard_normal, which is Numba's Mersenne Twister (this version knows no
Generator.standard_normal); `xoroshiro`, a hand-written xoroshiro128+ with Box and Muller.
"""

import math

import numba
import numpy as np

import peer


@numba.njit(parallel=True)
def walk_numpy_normals(seed, gamma, beta, steps, rate, threads):
    share = (gamma.size + threads - 1) // threads
    for thread in numba.prange(threads):
        np.random.seed(seed + thread)
        for i in range(thread * share, min(gamma.size, (thread + 1) * share)):
            c = np.float32(1)
            b = np.float32(0)
            for _ in range(steps):
                x = np.float32(np.random.standard_normal())
                g = np.float32(np.random.standard_normal())
                if c * x + b > np.float32(0):
                    d = rate * g
                    c += d * x
                    b += d
            gamma[i] = c
            beta[i] = b


@numba.njit(parallel=True)
def walk_xoroshiro(states, gamma, beta, steps, rate, threads):
    share = (gamma.size + threads - 1) // threads
    for thread in numba.prange(threads):
        s0 = states[thread, 0]
        s1 = states[thread, 1]
        for i in range(thread * share, min(gamma.size, (thread + 1) * share)):
            c = np.float32(1)
            b = np.float32(0)
            for _ in range(steps):
                word = s0 + s1
                s1 ^= s0
                s0 = ((s0 << np.uint64(24)) | (s0 >> np.uint64(40))) ^ s1 ^ (s1 << np.uint64(16))
                s1 = (s1 << np.uint64(37)) | (s1 >> np.uint64(27))
                u = (np.float32(word >> np.uint64(40)) + np.float32(0.5)) * np.float32(2.0**-24)
                angle = np.float32((word >> np.uint64(8)) & np.uint64(0xFFFFFF)) * np.float32(2 * np.pi * 2.0**-24)
                radius = math.sqrt(np.float32(-2) * math.log(u))
                x = radius * math.cos(angle)
                g = radius * math.sin(angle)
                if c * x + b > np.float32(0):
                    d = rate * g
                    c += d * x
                    b += d
            gamma[i] = c
            beta[i] = b


def main():
    args = peer.arguments(__doc__, ["numpy_normals", "xoroshiro"])
    numba.set_num_threads(args.threads)
    rate = np.float32(-args.learning_rate)
    gamma = np.empty(args.trajectories, np.float32)
    beta = np.empty(args.trajectories, np.float32)

    def simulate(seed):
        sequence = np.random.SeedSequence(seed)
        if args.variant == "numpy_normals":
            start = int(sequence.generate_state(1)[0] >> np.uint32(1))
            walk_numpy_normals(start, gamma, beta, args.steps, rate, args.threads)
        else:
            states = sequence.generate_state(2 * args.threads, np.uint64).reshape(args.threads, 2)
            walk_xoroshiro(states, gamma, beta, args.steps, rate, args.threads)
        return peer.probability_sums(gamma, beta)

    peer.serve("Numba", numba.__version__, args, simulate)


if __name__ == "__main__":
    main()
