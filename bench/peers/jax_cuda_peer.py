"""The task in JAX on a CUDA device: lax.scan over steps in one compiled program, float32.

Variants: the generator, `threefry` (the default) or `rbg` (the device's own, faster).
"""

import os

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax
import jax.numpy as jnp

import peer


def main():
    args = peer.arguments(__doc__, ["threefry", "rbg"])
    if jax.default_backend() != "gpu":
        raise SystemExit("JAX sees no CUDA device")
    kind = {"threefry": "threefry2x32", "rbg": "rbg"}[args.variant]

    @jax.jit
    def sums(key):
        def step(neuron, step_key):
            gamma, beta = neuron
            x, g = jax.random.normal(step_key, (2, args.trajectories), jnp.float32)
            h = jnp.where(gamma * x + beta > 0, args.learning_rate * g, 0)
            return (gamma - h * x, beta - h), None

        start = (jnp.ones(args.trajectories, jnp.float32), jnp.zeros(args.trajectories, jnp.float32))
        (gamma, beta), _ = jax.lax.scan(step, start, jax.random.split(key, args.steps))
        p = jax.scipy.special.ndtr(beta / jnp.abs(gamma))
        return p.mean(), (p * p).mean()

    def simulate(seed):
        mean, square = sums(jax.random.key(seed, impl=kind))
        return args.trajectories, float(mean) * args.trajectories, float(square) * args.trajectories

    peer.serve("JAX", jax.__version__, args, simulate)


if __name__ == "__main__":
    main()
