"""The task in PyTorch on a CUDA device, float32.

Variants: `eager`, two fills and four fused in-place operations a step; `compiled`, torch.compile of ten steps with their
draws in one graph, which the compiler fuses into few kernels.
"""

import torch

import peer

STEPS_A_GRAPH = 10


def main():
    args = peer.arguments(__doc__, ["eager", "compiled"])
    torch.set_grad_enabled(False)
    device = torch.device("cuda")
    rate = args.learning_rate
    mask_noise = torch.ops.aten.threshold_backward.grad_input

    def walk_eager(gamma, beta):
        x, g, z = (torch.empty_like(gamma) for _ in range(3))
        for _ in range(args.steps):
            x.normal_()
            g.normal_()
            torch.addcmul(beta, gamma, x, out=z)
            mask_noise(g, z, 0, grad_input=g)
            gamma.addcmul_(g, x, value=-rate)
            beta.add_(g, alpha=-rate)
        return gamma, beta

    def several_steps(gamma, beta):
        for _ in range(STEPS_A_GRAPH):
            x = torch.randn_like(gamma)
            g = torch.randn_like(gamma)
            h = torch.where(gamma * x + beta > 0, rate * g, 0.0)
            gamma = gamma - h * x
            beta = beta - h
        return gamma, beta

    def walk_compiled(gamma, beta):
        for _ in range(args.steps // STEPS_A_GRAPH):
            gamma, beta = compiled_steps(gamma, beta)
        return gamma, beta

    walk = walk_eager if args.variant == "eager" else walk_compiled
    if args.variant == "compiled":
        compiled_steps = torch.compile(several_steps, dynamic=False)
    if args.variant == "compiled" and args.steps % STEPS_A_GRAPH:
        raise SystemExit(f"compiled takes a multiple of {STEPS_A_GRAPH} steps")

    def simulate(seed):
        torch.manual_seed(seed)
        gamma = torch.ones(args.trajectories, device=device)
        beta = torch.zeros(args.trajectories, device=device)
        gamma, beta = walk(gamma, beta)
        p = torch.special.ndtr(beta.double() / gamma.double().abs())
        return p.numel(), p.sum().item(), (p * p).sum().item()

    peer.serve("PyTorch " + torch.cuda.get_device_name(), torch.__version__, args, simulate)


if __name__ == "__main__":
    main()
