"""The task as a hand-written Numba CUDA kernel: one thread a trajectory, xoroshiro128+ normals in float32."""

import numpy as np
from numba import cuda
from numba.cuda.random import create_xoroshiro128p_states, xoroshiro128p_normal_float32

import peer


@cuda.jit(fastmath=False)
def walk(states, gamma, beta, steps, rate):
    i = cuda.grid(1)
    if i < gamma.size:
        c = np.float32(1)
        b = np.float32(0)
        for _ in range(steps):
            x = xoroshiro128p_normal_float32(states, i)
            g = xoroshiro128p_normal_float32(states, i)
            if c * x + b > np.float32(0):
                d = rate * g
                c -= d * x
                b -= d
        gamma[i] = c
        beta[i] = b


def main():
    args = peer.arguments(__doc__, ["xoroshiro"])
    rate = np.float32(args.learning_rate)
    threads = 256
    blocks = (args.trajectories + threads - 1) // threads
    gamma = cuda.device_array(args.trajectories, np.float32)
    beta = cuda.device_array(args.trajectories, np.float32)
    # Their start takes longer than the walk: made once, and left as the walk before left them.
    states = create_xoroshiro128p_states(args.trajectories, seed=1)

    def simulate(seed):
        walk[blocks, threads](states, gamma, beta, args.steps, rate)
        cuda.synchronize()
        return peer.probability_sums(gamma.copy_to_host(), beta.copy_to_host())

    peer.serve("Numba CUDA", __import__("numba").__version__, args, simulate)


if __name__ == "__main__":
    main()
