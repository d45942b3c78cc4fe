"""Tiny stores of network runs with the tables of docs/ARCHITECTURE.md, one for each figure. Invented numbers: shapes
and signs as in real trainings, nothing measured."""

import json
import contextlib
import sqlite3
from pathlib import Path

import numpy as np

from synthetic_store import TABLES as NEURON_TABLES
from synthetic_store import seal

TABLES = {
    "meta": NEURON_TABLES["meta"],
    "training": "point INTEGER, parameters TEXT, epoch_steps INTEGER, rounds INTEGER, epochs INTEGER, "
                "multiplications INTEGER, parameter_count INTEGER, finished INTEGER",
    "environment": "point INTEGER, engine TEXT, device TEXT, dataset TEXT, folder_fingerprint TEXT, "
                   "train_fingerprint TEXT, test_fingerprint TEXT",
    "layer": "point INTEGER, layer INTEGER, name TEXT, inputs INTEGER, outputs INTEGER, kernel INTEGER, "
             "positions INTEGER, normalised INTEGER",
    "epoch": "point INTEGER, round INTEGER, epoch INTEGER, step INTEGER, loss REAL, accuracy REAL, "
             "learning_rate REAL, seconds REAL",
    "round_value": "point INTEGER, round INTEGER, step INTEGER, quantity TEXT, value REAL",
    "layer_value": "point INTEGER, round INTEGER, layer INTEGER, quantity TEXT, value REAL",
    "channel": "point INTEGER, step INTEGER, round INTEGER, layer INTEGER, channel INTEGER, gamma REAL, beta REAL, "
               "filter_norm REAL, activation_probability REAL, gaussian_probability REAL, maximum REAL",
    "gradient_moment": "point INTEGER, round INTEGER, layer INTEGER, channel INTEGER, gamma_mean REAL, beta_mean REAL, "
                       "gamma_variance REAL, beta_variance REAL, covariance REAL",
    "pruned": "point INTEGER, round INTEGER, criterion TEXT, multiplications_before INTEGER, "
              "multiplications_after INTEGER, accuracy_before REAL, accuracy_after REAL, "
              "images_per_second_before REAL, images_per_second_after REAL",
    "probe": "point INTEGER, round INTEGER, layer INTEGER, channel INTEGER, gamma REAL, beta REAL, alpha REAL, "
             "learning_rate REAL, batches INTEGER, noise REAL, drift_theorem1 REAL, drift_signal REAL, "
             "drift_measured REAL, standard_error REAL",
    "verdict": NEURON_TABLES["verdict"],
}
EPOCH_STEPS, CHANNELS = 100, 16
SPEC = {
    "data": {"dataset": "cifar10", "train_images": 5000, "test_images": 10000, "labels": "true",
             "augmentation": "crop_flip"},
    "network": {"architecture": "plain", "depth": 6, "width": 16, "normalisation": "batch", "gamma": 1, "beta": 0,
                "alpha": 0, "slope": 0},
    "optimizer": {"name": "sgd", "learning_rate": 0.2, "weight_decay": 5e-4, "decayed": "all", "momentum": 0.9,
                  "schedule": {"kind": "cosine", "minimum": 0}},
    "training": {"rounds": 4, "epochs": 2, "batch": 50, "precision": "float32", "shuffle_weights_after": 0},
    "record": {"images": 512},
}


class NetworkStore:
    """Collects rows, then writes DIR/results.sqlite and DIR/spec.resolved.json."""

    def __init__(self, figure, axes, **spec):
        """`spec`: dotted fields with "__" for the dot, in place of SPEC's."""
        self.figure = figure
        self.axes = axes
        self.spec = json.loads(json.dumps(SPEC))
        for field, value in spec.items():
            section, _, key = field.partition("__")
            self.spec[section][key] = value
        self.rows = {table: [] for table in TABLES}
        self.rows["meta"] = [("store_version", "3"), ("kind", "networks"), ("program_version", "0.1.0"), ("build", "Release, LibTorch 1.13.1")]
        self.random = np.random.default_rng(1)

    def point(self, finished=1, multiplications=10**6, rounds=None, **parameters):
        """Adds a training of the dotted parameters given, and its layers."""
        number = len(self.rows["training"])
        named = {key.replace("__", ".", 1): value for key, value in parameters.items()}
        training = self.spec["training"]
        self.rows["training"].append((number, json.dumps(named), EPOCH_STEPS, rounds or training["rounds"],
                                      training["epochs"], multiplications, 50000, finished))
        self.rows["environment"].append((number, "LibTorch 1.13.1 (cpu, 1 thread a training)", "cpu", "CIFAR-10", "0", "1",
                                         "2"))
        self.rows["layer"] += [(number, layer, f"conv{layer + 1}", 16, CHANNELS, 9, 256, 1) for layer in range(3)]
        return number

    def value(self, number, round_, quantity, value):
        self.rows["round_value"].append((number, round_, round_ * EPOCH_STEPS * 2, quantity, float(value)))

    def rounds(self, number, collapse, accuracy=0.6):
        """A plausible training: `collapse` is its share of collapsed filters after the last round."""
        rounds = self.rows["training"][number][3]
        for r in range(1, rounds + 1):
            share = collapse * ((r - 1) / max(rounds - 1, 1)) ** 0.7 * (1 + 0.1 * self.random.normal())
            share = max(share, 0.0)
            for quantity, value in (
                    ("test_accuracy", accuracy + 0.03 * (1 - 1 / r) - 0.1 * share + 0.004 * self.random.normal()),
                    ("train_loss", 1.4 / r**0.5), ("small_gamma_share", share), ("silent_share", 1.1 * share),
                    ("flops_removed", 1.6 * share), ("flops_removed_silent", 1.7 * share),
                    ("small_norm_share", 0.9 * share)):
                self.value(number, r, quantity, value)
            for epoch in (1, 2):
                self.rows["epoch"].append((number, r, epoch, ((r - 1) * 2 + epoch) * EPOCH_STEPS,
                                           1.4 / r**0.5 * (1.25 if epoch == 1 else 1.0), 0.5, 0.1, 3.0))
        self.value(number, rounds, "ensemble_accuracy", accuracy + 0.05 - 0.1 * collapse)

    def channel(self, number, step, round_, layer, channel, gamma, beta, norm=1.0, probability=0.4, maximum=3.0):
        self.rows["channel"].append((number, step, round_, layer, channel, gamma, beta, norm, probability, None
                                     if gamma is None else 0.4, maximum))

    def verdict(self, check, verdict="pass", claim="A1", point=None, measured=0.2, error=0.02, predicted=0.0):
        self.rows["verdict"].append((len(self.rows["verdict"]), check, claim, point, None, measured, error, predicted,
                                     10.0, 0.05, "spec", verdict, ""))

    def write(self, folder, without=()):
        """`without`: tables to leave out of the file."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        axes = [{"field": field, "values": []} for field in self.axes]
        spec = {"bncollapse": 1, "name": self.figure, "title": f"Invented {self.figure}", "seed": 1,
                "sweep": {"mode": "grid", "axes": axes}, "figure": self.figure, **self.spec}
        (folder / "spec.resolved.json").write_text(json.dumps(spec), encoding="utf-8")
        (folder / "results.sqlite").unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(folder / "results.sqlite")) as database, database:
            for table, columns in TABLES.items():
                if table in without:
                    continue
                database.execute(f"CREATE TABLE {table} ({columns})")
                if self.rows[table]:
                    marks = ", ".join("?" * len(self.rows[table][0]))
                    database.executemany(f"INSERT INTO {table} VALUES ({marks})", self.rows[table])
            seal(database)
        database.close()
        return folder


def network_rounds(**spec):
    store = NetworkStore("network_rounds", ["network.alpha", "network.slope", "seed"], **spec)
    for alpha, slope, collapse in ((0, 0, 0.3), (0, 0.01, 0.22), (0.02, 0, 0.03)):
        for seed in (1, 2, 3):
            store.rounds(store.point(network__alpha=alpha, network__slope=slope, seed=seed), collapse)
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
                    silent = channel < (5 if alpha == 0 else 1) and layer == 1
                    gamma, beta = 1.0, 0.0
                    for step in steps:
                        probability = 0.0 if silent and step > 200 else 0.4
                        store.channel(number, step, 0, layer, channel, gamma, beta, 1.0, probability, 10 * probability)
                        if silent and step > 200:
                            gamma, beta = 0.9 * gamma, 0.9 * beta
                        else:
                            gamma += 0.04 * store.random.normal() - 0.02
                            beta += 0.05 * store.random.normal() - (0.35 if silent else 0.005)
                    store.channel(number, 800, 4, layer, channel, gamma, beta, 1.0, probability, 10 * probability)
    return store


def ablations():
    store = NetworkStore("ablations", ["network.normalisation", "network.slope", "optimizer.weight_decay",
                                       "training.shuffle_weights_after", "seed"])
    for normalisation, slope, decay, shuffled, collapse in (
            ("batch", 0, 5e-4, 0, 0.3), ("none", 0, 5e-4, 0, 0.01), ("batch", 1, 5e-4, 0, 0.0),
            ("instance", 0, 5e-4, 0, 0.12), ("batch", 0, 5e-4, 1, 0.24), ("batch", 0, 0, 0, 0.0)):
        for seed in (1, 2, 3):
            number = store.point(network__normalisation=normalisation, network__slope=slope,
                                 optimizer__weight_decay=decay, training__shuffle_weights_after=shuffled, seed=seed)
            store.rounds(number, collapse)
    return store


def pruning():
    store = NetworkStore("pruning", ["network.width", "optimizer.name", "optimizer.learning_rate", "seed"])
    for width, name, rate, collapse in ((16, "sgd", 0.1, 0.2), (16, "sgd", 0.2, 0.3), (16, "sgd", 0.5, 0.4),
                                        (16, "adam", 0.001, 0.35), (12, "sgd", 0.1, 0.15), (8, "sgd", 0.1, 0.1)):
        for seed in (1, 2, 3):
            number = store.point(network__width=width, optimizer__name=name, optimizer__learning_rate=rate, seed=seed,
                                 multiplications=10**6 * width**2 // 256)
            store.rounds(number, collapse, 0.6 * (width / 16) ** 0.1)
            values = {(row[1], row[3]): row[4] for row in store.rows["round_value"] if row[0] == number}
            for r in range(1, 5):
                kept = 1 - values[r, "flops_removed"]
                accuracy = values[r, "test_accuracy"]
                store.rows["pruned"].append((number, r, "small_gamma", 10**6, int(kept * 10**6), accuracy, accuracy,
                                             5000.0, 5000 / kept**0.6))
    return store


def optimizers():
    store = NetworkStore("optimizers", ["optimizer.name", "optimizer.weight_decay", "seed"])
    for name, strength in (("sgd", 0.1), ("adam", 0.35), ("adamw", 0.05)):
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
                store.rows["probe"].append((number, r, 1, channel, 0.5, -0.2, 0.0, 0.1, 100, 1e-3, noise, signal,
                                            noise + signal + error * store.random.normal(), error))
    return store


NETWORK_STORES = {
    "network_rounds": network_rounds, "network_sweep": network_sweep, "random_labels": random_labels,
    "filter_norms": filter_norms, "network_trace": network_trace, "ablations": ablations, "pruning": pruning,
    "optimizers": optimizers, "network_probe": network_probe,
}
