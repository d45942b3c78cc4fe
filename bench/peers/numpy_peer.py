"""The task in NumPy: arrays that stay in the cache, every operation in place, no temporaries.

Variants: a bit generator under Generator.standard_normal (ziggurat, float32), or `box_muller`: SFC64's raw
words turned into normals by NumPy's vectorised float32 logarithm, sine and cosine.
"""

import numpy as np

import peer


class ZigguratNormals:
    def __init__(self, bit_generator, size):
        self.generator = np.random.Generator(bit_generator)

    def fill(self, x, g):
        self.generator.standard_normal(dtype=np.float32, out=x)
        self.generator.standard_normal(dtype=np.float32, out=g)


class BoxMullerNormals:
    def __init__(self, bit_generator, size):
        self.bit_generator = bit_generator
        self.size = size
        self.radius = np.empty(size, np.float32)
        self.angle = np.empty(size, np.float32)

    def fill(self, x, g):
        words = self.bit_generator.random_raw(self.size).view(np.int32)
        np.multiply(words[: self.size], np.float32(2.0**-31), out=self.radius, dtype=np.float32, casting="unsafe")
        np.abs(self.radius, out=self.radius)
        np.add(self.radius, np.float32(2.0**-32), out=self.radius)
        np.log(self.radius, out=self.radius)
        np.multiply(self.radius, np.float32(-2), out=self.radius)
        np.sqrt(self.radius, out=self.radius)
        np.multiply(words[self.size :], np.float32(np.pi * 2.0**-31), out=self.angle, dtype=np.float32,
                    casting="unsafe")
        np.cos(self.angle, out=x)
        np.sin(self.angle, out=g)
        np.multiply(x, self.radius, out=x)
        np.multiply(g, self.radius, out=g)


VARIANTS = {
    "sfc64": (ZigguratNormals, np.random.SFC64),
    "pcg64dxsm": (ZigguratNormals, np.random.PCG64DXSM),
    "philox": (ZigguratNormals, np.random.Philox),
    "box_muller": (BoxMullerNormals, np.random.SFC64),
}


def main():
    args = peer.arguments(__doc__, list(VARIANTS))
    normals_type, bit_generator = VARIANTS[args.variant]
    rate = np.float32(-args.learning_rate)

    def chunk_sums(seed, size):
        normals = normals_type(bit_generator(seed), size)
        gamma = np.ones(size, np.float32)
        beta = np.zeros(size, np.float32)
        x, g, z = (np.empty(size, np.float32) for _ in range(3))
        inactive = np.empty(size, bool)
        for _ in range(args.steps):
            normals.fill(x, g)
            np.multiply(gamma, x, out=z)
            np.add(z, beta, out=z)
            np.less_equal(z, 0, out=inactive)
            np.multiply(g, rate, out=g)
            np.copyto(g, 0, where=inactive)
            np.add(beta, g, out=beta)
            np.multiply(g, x, out=g)
            np.add(gamma, g, out=gamma)
        return peer.probability_sums(gamma, beta)

    peer.serve("NumPy", np.__version__, args, peer.in_threads(chunk_sums, args))


if __name__ == "__main__":
    main()
