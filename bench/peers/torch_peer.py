"""The task in PyTorch, eager mode on the CPU: four fused in-place operations and two fills a step.

Variants: `threads_outside`, one Python thread a core, each with one PyTorch thread and its own generator;
`threads_inside`, PyTorch's own threads (its generator fills with one of them).
"""

import numpy as np
import torch

import peer


def main():
    args = peer.arguments(__doc__, ["threads_outside", "threads_inside"])
    torch.set_grad_enabled(False)
    inside = args.variant == "threads_inside"
    torch.set_num_threads(args.threads if inside else 1)
    mask_noise = torch.ops.aten.threshold_backward.grad_input

    def chunk_sums(seed, size):
        torch.set_grad_enabled(False)
        generator = torch.Generator().manual_seed(int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1)))
        gamma = torch.ones(size)
        beta = torch.zeros(size)
        x, g, z = (torch.empty(size) for _ in range(3))
        for _ in range(args.steps):
            x.normal_(generator=generator)
            g.normal_(generator=generator)
            torch.addcmul(beta, gamma, x, out=z)
            mask_noise(g, z, 0, grad_input=g)
            gamma.addcmul_(g, x, value=-args.learning_rate)
            beta.add_(g, alpha=-args.learning_rate)
        return peer.probability_sums(gamma.numpy(), beta.numpy())

    if inside:
        def simulate(seed):
            sequence = np.random.SeedSequence(seed)
            chunks = args.trajectories // args.chunk
            return sum(chunk_sums(s, args.chunk) for s in sequence.spawn(chunks))
    else:
        simulate = peer.in_threads(chunk_sums, args)
    peer.serve("PyTorch", torch.__version__, args, simulate)


if __name__ == "__main__":
    main()
