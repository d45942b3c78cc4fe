"""Tiny stores of network runs, one for each figure. Invented numbers: shapes and signs as in real trainings, nothing
measured."""

import json

import numpy as np

from synthetic_run import SyntheticRun

EPOCH_STEPS, CHANNELS = 100, 16
SPEC = {
    "seed": 1,
    "data": {"dataset": "cifar10", "train_images": 5000, "test_images": 10000, "labels": "true",
             "augmentation": "crop_flip"},
    "network": {"architecture": "plain", "depth": 6, "width": 16, "normalisation": "batch", "gamma": 1, "beta": 0,
                "alpha": 0, "leak": 0},
    "optimizer": {"name": "momentum", "learning_rate": 0.2, "weight_decay": 5e-4, "decayed": "all", "momentum": 0.9,
                  "schedule": {"kind": "cosine", "minimum": 0}},
    "training": {"rounds": 4, "epochs": 2, "batch": 50, "precision": "float32", "shuffle_weights_after": 0},
    "record": {"images": 512},
}


class NetworkStore(SyntheticRun):
    def __init__(self, figure, axes, **spec):
        """`spec`: dotted fields with "__" for the dot, in place of SPEC's."""
        own = json.loads(json.dumps(SPEC))
        for field, value in spec.items():
            section, _, key = field.partition("__")
            own[section][key] = value
        super().__init__("networks", figure, axes, own, build="Release, LibTorch 1.13.1")

    def point(self, finished=1, multiplications=10**6, rounds=None, **parameters):
        """Adds a training of the dotted parameters given, and its layers."""
        number = len(self.rows["point"])
        named = {key.replace("__", ".", 1): value for key, value in parameters.items()}
        training = self.spec["training"]
        self.add("point", point=number, parameters=json.dumps(named), epoch_steps=EPOCH_STEPS,
                 rounds=rounds or training["rounds"], epochs=training["epochs"], multiplications=multiplications,
                 parameter_count=50000, finished=finished)
        self.add("environment", point=number, engine="LibTorch 1.13.1 (cpu, 1 thread a training)", device="cpu",
                 dataset="CIFAR-10", folder_fingerprint="0", train_fingerprint="1", test_fingerprint="2")
        for layer in range(3):
            self.add("layer", point=number, layer=layer, name=f"conv{layer + 1}", inputs=16, outputs=CHANNELS, kernel=9,
                     positions=256, normalised=1)
        return number

    def value(self, number, round_, quantity, value):
        self.add("round_value", point=number, round=round_, step=round_ * EPOCH_STEPS * 2, quantity=quantity,
                 value=float(value))

    def rounds(self, number, collapse, accuracy=0.6):
        """A plausible training: `collapse` is its share of collapsed filters after the last round."""
        rounds = self.rows["point"][number]["rounds"]
        for r in range(1, rounds + 1):
            share = collapse * ((r - 1) / max(rounds - 1, 1)) ** 0.7 * (1 + 0.1 * self.random.normal())
            share = max(share, 0.0)
            for quantity, value in (
                    ("test_accuracy", accuracy + 0.03 * (1 - 1 / r) - 0.1 * share + 0.004 * self.random.normal()),
                    ("train_loss", 1.4 / r**0.5), ("small_gamma_share", share), ("inactive_share", 1.1 * share),
                    ("flops_removed", 1.6 * share), ("flops_removed_inactive", 1.7 * share),
                    ("small_norm_share", 0.9 * share)):
                self.value(number, r, quantity, value)
            for epoch in (1, 2):
                self.add("epoch", point=number, round=r, epoch=epoch, step=((r - 1) * 2 + epoch) * EPOCH_STEPS,
                         loss=1.4 / r**0.5 * (1.25 if epoch == 1 else 1.0), accuracy=0.5, learning_rate=0.1, seconds=3.0)
        self.value(number, rounds, "ensemble_accuracy", accuracy + 0.05 - 0.1 * collapse)

    def channel(self, number, step, round_, layer, channel, gamma, beta, norm=1.0, probability=0.4, maximum=3.0):
        self.add("channel", point=number, step=step, round=round_, layer=layer, channel=channel, gamma=gamma, beta=beta,
                 filter_norm=norm, activation_probability=probability,
                 gaussian_probability=None if gamma is None else 0.4, maximum=maximum)

    def probe(self, number, round_, layer, channel, noise, signal, measured, error):
        self.add("probe", point=number, round=round_, layer=layer, channel=channel, gamma=0.5, beta=-0.2, alpha=0.0,
                 learning_rate=0.1, batches=100, noise=1e-3, drift_theorem1=noise, drift_signal=signal,
                 drift_measured=measured, standard_error=error)

    def verdict(self, check, verdict="pass", claim="A1", point=None, measured=0.2, error=0.02, predicted=0.0):
        self.add_verdict(check_name=check, claim=claim, point=point, measured=measured, standard_error=error,
                         predicted=predicted, deviation=10.0, tolerance=0.05, verdict=verdict)


def network_rounds(**spec):
    store = NetworkStore("network_rounds", ["network.alpha", "network.leak", "seed"], **spec)
    for alpha, leak, collapse in ((0, 0, 0.3), (0, 0.01, 0.22), (0.02, 0, 0.03)):
        for seed in (1, 2, 3):
            store.rounds(store.point(network__alpha=alpha, network__leak=leak, seed=seed), collapse)
    store.verdict("sparsity_rises")
    return store


def network_sweep():
    store = NetworkStore("network_sweep", ["optimizer.learning_rate", "network.alpha", "seed"])
    for rate in (0.05, 0.1, 0.2, 0.5):
        for alpha in (0, 0.02):
            for seed in (1, 2, 3):
                store.rounds(store.point(optimizer__learning_rate=rate, network__alpha=alpha, seed=seed),
                             (rate if alpha == 0 else 0.2 * rate))
    return store


def random_labels():
    store = NetworkStore("random_labels", ["data.labels", "seed"])
    for labels, collapse in (("true", 0.2), ("random", 0.35)):
        for seed in (1, 2, 3):
            store.rounds(store.point(data__labels=labels, seed=seed), collapse)
    return store


def filter_norms():
    store = NetworkStore("filter_norms", ["network.normalisation", "seed"])
    for normalisation in ("batch", "none"):
        for seed in (1, 2, 3):
            number = store.point(network__normalisation=normalisation, seed=seed)
            for layer in range(3):
                for channel in range(CHANNELS):
                    dead = normalisation == "batch" and channel < 2 * layer + (layer > 0 and seed == 3)
                    norm = 1e-4 if dead else store.random.gamma(16, 1 / 16)
                    gamma = None if normalisation == "none" else (1e-5 if dead else 0.5)
                    store.channel(number, 800, 4, layer, channel, gamma, None if gamma is None else -0.1, norm)
    return store


def network_trace():
    store = NetworkStore("network_trace", ["network.alpha", "seed"])
    steps = list(range(0, 801, 40))
    for alpha in (0, 0.05):
        for seed in (1, 2, 3):
            number = store.point(network__alpha=alpha, seed=seed)
            for layer in range(3):
                for channel in range(CHANNELS):
                    inactive = channel < (5 if alpha == 0 else 1) and layer == 1
                    gamma, beta = 1.0, 0.0
                    for step in steps:
                        probability = 0.0 if inactive and step > 200 else 0.4
                        store.channel(number, step, 0, layer, channel, gamma, beta, 1.0, probability, 10 * probability)
                        if inactive and step > 200:
                            gamma, beta = 0.9 * gamma, 0.9 * beta
                        else:
                            gamma += 0.04 * store.random.normal() - 0.02
                            beta += 0.05 * store.random.normal() - (0.35 if inactive else 0.005)
                    store.channel(number, 800, 4, layer, channel, gamma, beta, 1.0, probability, 10 * probability)
    return store


def ablations():
    store = NetworkStore("ablations", ["network.normalisation", "network.leak", "optimizer.weight_decay",
                                       "training.shuffle_weights_after", "seed"])
    for normalisation, leak, decay, shuffled, collapse in (
            ("batch", 0, 5e-4, 0, 0.3), ("none", 0, 5e-4, 0, 0.01), ("batch", 1, 5e-4, 0, 0.0),
            ("instance", 0, 5e-4, 0, 0.12), ("batch", 0, 5e-4, 1, 0.24), ("batch", 0, 0, 0, 0.0)):
        for seed in (1, 2, 3):
            number = store.point(network__normalisation=normalisation, network__leak=leak,
                                 optimizer__weight_decay=decay, training__shuffle_weights_after=shuffled, seed=seed)
            store.rounds(number, collapse)
    return store


def pruning():
    store = NetworkStore("pruning", ["network.width", "optimizer.name", "optimizer.learning_rate", "seed"])
    for width, name, rate, collapse in ((16, "momentum", 0.1, 0.2), (16, "momentum", 0.2, 0.3), (16, "momentum", 0.5, 0.4),
                                        (16, "adam", 0.001, 0.35), (12, "momentum", 0.1, 0.15), (8, "momentum", 0.1, 0.1)):
        for seed in (1, 2, 3):
            number = store.point(network__width=width, optimizer__name=name, optimizer__learning_rate=rate, seed=seed,
                                 multiplications=10**6 * width**2 // 256)
            store.rounds(number, collapse, 0.6 * (width / 16) ** 0.1)
            values = {(row["round"], row["quantity"]): row["value"] for row in store.rows["round_value"]
                      if row["point"] == number}
            for r in range(1, 5):
                kept = 1 - values[r, "flops_removed"]
                accuracy = values[r, "test_accuracy"]
                store.add("pruned", point=number, round=r, criterion="small_gamma", multiplications_before=10**6,
                          multiplications_after=int(kept * 10**6), accuracy_before=accuracy, accuracy_after=accuracy,
                          images_per_second_before=5000.0, images_per_second_after=5000 / kept**0.6)
    return store


def optimizers():
    store = NetworkStore("optimizers", ["optimizer.name", "optimizer.weight_decay", "seed"])
    for name, strength in (("momentum", 0.1), ("adam", 0.35), ("adamw", 0.05)):
        for decay in (0, 1e-4, 1e-3, 1e-2):
            for seed in (1, 2, 3):
                number = store.point(optimizer__name=name, optimizer__weight_decay=decay, seed=seed)
                store.rounds(number, 0 if decay == 0 else strength * (5 + np.log10(decay)) / 2)
    return store


def network_probe():
    store = NetworkStore("network_probe", ["seed"])
    for seed in (1, 2):
        number = store.point(seed=seed)
        for r in (1, 4):
            for channel in range(40):
                noise = -10 ** store.random.uniform(-7, -4)
                signal = 10 ** store.random.uniform(-7, -4) * store.random.choice((-1, 1))
                error = 10 ** store.random.uniform(-6.5, -5.5)
                store.probe(number, r, 1, channel, noise, signal, noise + signal + error * store.random.normal(), error)
    return store


NETWORK_STORES = {
    "network_rounds": network_rounds, "network_sweep": network_sweep, "random_labels": random_labels,
    "filter_norms": filter_norms, "network_trace": network_trace, "ablations": ablations, "pruning": pruning,
    "optimizers": optimizers, "network_probe": network_probe,
}
