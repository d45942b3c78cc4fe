"""Tiny stores of the single neuron, one for each figure: shapes and signs as in real runs, numbers made up from simple
formulas."""

import json
import math

import numpy as np

from synthetic_run import SyntheticRun


# What a resolved spec has of the fields that figures ask for.
SPEC = {"model": {"x": {"law": "gaussian"}, "noise": {"law": "gaussian", "std": 1.0}}, "optimizer": {"name": "sgd"},
        "initial": {"kind": "point"}, "simulation": {"thresholds": {"gamma": 1e-3, "probability": 1e-6}}}


class SyntheticStore(SyntheticRun):
    def __init__(self, figure, axes=(), **spec):
        sections = {section: {**fields, **spec.get(section, {})} for section, fields in SPEC.items()}
        super().__init__("neuron", figure, axes, {**spec, **sections}, seed="7", engine="cpu")

    def point(self, gamma=1.0, u=0.0, alpha=0.0, eta=0.01, sigma=1.0, m=1, steps=1, **parameters):
        number = len(self.rows["point"])
        swept = {field.replace("__", "."): value for field, value in parameters.items()}
        self.add("point", point=number, parameters=json.dumps(swept), gamma=gamma, beta=-u * gamma - alpha, alpha=alpha, u=u,
                 learning_rate=eta, noise_std=sigma, batch=m, trajectories=10**6, steps=steps, precision="float32", note="")
        epsilon = eta * sigma / math.sqrt(m) / abs(gamma)
        theorem = epsilon**2 * drift_coefficient(u)
        for quantity, value in (("epsilon", epsilon), ("drift_theorem1", theorem),
                                ("drift_exact", theorem * (1 - 2 * epsilon**2)), ("in_range", float(epsilon < 0.1))):
            self.prediction(number, quantity, value)
        return number

    def prediction(self, number, quantity, value):
        self.add("prediction", point=number, quantity=quantity, value=value, error=0.0)

    def drift(self, number, step=1, quantities=("probability_change_antithetic",), relative_error=0.003):
        exact = next(row["value"] for row in self.rows["prediction"]
                     if (row["point"], row["quantity"]) == (number, "drift_exact"))
        for quantity in quantities:
            error = abs(exact) * relative_error
            self.estimate(number, step, quantity, step * exact + error * self.random.normal(), error)

    def estimate(self, number, step, quantity, mean, error=0.0):
        self.add("estimate", point=number, step=step, quantity=quantity, mean=mean, standard_error=error, count=10**6)

    def series(self, number, quantity, steps, values):
        for step, value in zip(steps, values):
            self.add("prediction_series", point=number, step=int(step), quantity=quantity, value=float(value))

    def histogram(self, number, step, quantity, counts, x, y=(None, None), above=0):
        counts = np.asarray(counts, dtype="<i8")
        self.add("histogram", point=number, step=step, quantity=quantity, x_lower=x[0], x_upper=x[1],
                 x_count=counts.shape[0], y_lower=y[0], y_upper=y[1], y_count=counts.shape[1] if counts.ndim == 2 else None,
                 counts=counts.tobytes(), below=0, above=above)

    def path(self, number, path, step, gamma, beta):
        self.add("path", point=number, path=path, step=step, gamma=gamma, beta=beta)

    def curve(self, curve, series, function, lower=-3.0, upper=3.0):
        for x in np.linspace(lower, upper, 61).tolist():
            self.add("curve", curve=curve, series=series, x=x, y=function(x))

    def verdict(self, check, verdict="pass", measured=2.001, error=0.002, predicted=2.0, **more):
        self.add_verdict(check_name=check, measured=measured, standard_error=error, predicted=predicted, verdict=verdict,
                         **more)


def survival(u):
    return 0.5 * math.erfc(u / math.sqrt(2))


def drift_coefficient(u):
    density = math.exp(-u * u / 2) / math.sqrt(2 * math.pi)
    return -density * (density * (1 - u**4 / 2) + u * (1 - u * u) * survival(u) / 2)


def even_drift_coefficient(u):
    return (drift_coefficient(u) + drift_coefficient(-u)) / 2


def scaling():
    store = SyntheticStore("scaling", ["optimizer.learning_rate"])
    for eta in (0.005, 0.00707, 0.01, 0.01414, 0.02):
        store.drift(store.point(eta=eta, u=0.5, optimizer__learning_rate=eta))
    store.verdict("exponent", claim="A12")
    return store


def data_collapse():
    store = SyntheticStore("data_collapse", ["optimizer.learning_rate", "initial.gamma", "model.batch.size"])
    for eta in (0.01, 0.02):
        for gamma in (0.5, 1.0):
            for m in (1, 4):
                store.drift(store.point(eta=eta, gamma=gamma, m=m, optimizer__learning_rate=eta, initial__gamma=gamma,
                                        model__batch__size=m))
    return store


def drift_coefficient_store():
    store = SyntheticStore("drift_coefficient", ["initial.u"])
    for u in np.linspace(-3, 3, 13).tolist():
        store.drift(store.point(u=u, initial__u=u))
    store.curve("drift_coefficient", "gaussian", drift_coefficient)
    store.curve("even_drift_coefficient", "gaussian", even_drift_coefficient)
    return store


def range_of_validity():
    store = SyntheticStore("range_of_validity", ["initial.u", "optimizer.learning_rate"])
    for u in (-1.0, 0.0, 0.5):
        for eta in (0.01, 0.1, 0.3):
            store.drift(store.point(u=u, eta=eta, initial__u=u, optimizer__learning_rate=eta), relative_error=0.01)
        store.curve("exact_drift_ratio", f"u = {u:g}", lambda epsilon: 1 - 2 * epsilon**2, 0.01, 0.3)
    return store


def even_law():
    store = SyntheticStore("even_law", ["initial.law", "initial.ratio_std"])
    for law in ("gaussian", "rademacher"):
        for width in (0.3, 1.0, 3.0):
            store.drift(store.point(u=width, initial__law=law, initial__ratio_std=width))
    return store


def gamma_beta():
    store = SyntheticStore("gamma_beta")
    number = store.point(steps=1000)
    counts = np.outer(np.hanning(20), np.hanning(30)) * 100
    store.histogram(number, 1000, "gamma_beta", counts.astype(int), (0.0, 2.0), (-3.0, 1.0))
    for path in range(3):
        walk = np.cumsum(store.random.normal(scale=0.03, size=(50, 2)), axis=0)
        for i, (g, b) in enumerate(walk.tolist()):
            store.path(number, path, 20 * i, 1 + g, b)
    store.curve("activation_probability", "gaussian", survival, -6, 6)
    for step, share in ((0, 0.0), (10, 0.1), (100, 0.5), (1000, 0.8)):
        store.estimate(number, step, "probability", (1 - share) / 2, 0.002)
        store.estimate(number, step, "rarely_active_share", share, 0.002)
    return store


def weight_decay():
    store = SyntheticStore("weight_decay", ["optimizer.weight_decay"])
    for decay in (1e-3, 5e-3):
        number = store.point(u=7.0, steps=1000, optimizer__weight_decay=decay)
        steps = np.linspace(0, 1000, 9)
        factor = (1 - 0.1 * decay) ** steps
        for quantity, start in (("gamma", 1.0), ("beta", -7.0)):
            store.series(number, quantity, steps, start * factor)
            for step, value in zip(steps, factor):
                store.estimate(number, int(step), quantity, start * value, 1e-9)
    return store


def psbn():
    store = SyntheticStore("psbn", ["model.alpha"])
    for alpha in (0.0, 0.1):
        number = store.point(u=6.0 - alpha, alpha=alpha, steps=1000, model__alpha=alpha)
        steps = np.linspace(0, 1000, 41)
        p = np.array([survival(5 - 8 * alpha * s / 100) for s in steps])
        store.series(number, "probability", steps, p)
        for step, value in zip(steps[::5], p[::5]):
            store.estimate(number, int(step), "probability", value)
        store.series(number, "first_activation_survival", steps, np.cumprod(1 - p))
        store.histogram(number, 1000, "first_activation", [0, 10, 40, 30] if alpha else [0, 0, 0, 0], (0, 1000),
                        above=0 if alpha else 80)
        if alpha:
            store.prediction(number, "t_half", 625.0)
    return store


def psbn_half_time():
    store = SyntheticStore("psbn_half_time", ["optimizer.weight_decay", "model.alpha"])
    for decay in (1e-3, 2e-3):
        for alpha in (0.1, 0.2):
            number = store.point(alpha=alpha, steps=1000, optimizer__weight_decay=decay, model__alpha=alpha)
            store.prediction(number, "t_half", 0.05 / decay / alpha)
            for step in range(0, 1001, 50):
                store.estimate(number, step, "probability", survival(4 - 80 * decay * alpha * step))
    return store


def collapsed_share():
    store = SyntheticStore("collapsed_share", ["optimizer.learning_rate"],
                           simulation={"thresholds": {"gamma": 1e-3, "probability": 1e-6}})
    for eta in (0.01, 0.03, 0.1, 0.3):
        number = store.point(eta=eta, steps=1000, optimizer__learning_rate=eta)
        for step in (0, 100, 1000):
            for quantity, weight in (("rarely_active_share", 1.0), ("collapsed_share", 0.7)):
                store.estimate(number, step, quantity, weight * (1 - math.exp(-eta * eta * step)), 0.004)
    return store


def optimizer_decay():
    store = SyntheticStore("optimizer_decay", ["optimizer.name", "optimizer.weight_decay"],
                           optimizer={"learning_rate": 0.1, "second_moment": 0.0},
                           initial={"gamma": 0.3}, simulation={"thresholds": {"gamma": 1e-3}})
    for name in ("sgd", "adamw"):
        for decay in (1e-3, 1e-2):
            number = store.point(u=10.0, steps=10000, optimizer__name=name, optimizer__weight_decay=decay)
            steps = 5.0 / decay
            store.prediction(number, "inactive_steps_to_threshold", steps)
            store.histogram(number, 10000, "collapse_time", np.eye(1, 100, int(steps / 100), dtype=int)[0] * 64,
                            (0, 10000))
    return store


def laws():
    store = SyntheticStore("laws", ["model.x.law", "initial.u"])
    for law in ("gaussian", "laplace", "logistic", "uniform"):
        for u in (-1.0, 0.5, 2.0):
            store.drift(store.point(u=u, model__x__law=law, initial__u=u))
        store.curve("drift_coefficient", law, drift_coefficient)
        store.curve("even_drift_coefficient", law, lambda u: even_drift_coefficient(u) + (law == "uniform") * 0.05 * u)
    return store


def estimators():
    store = SyntheticStore("estimators", ["optimizer.learning_rate"])
    for eta in (0.01, 0.1):
        number = store.point(eta=eta, optimizer__learning_rate=eta, steps=100)
        for quantity, error in (("probability_change", 0.3), ("probability_change_antithetic", 0.004),
                                ("probability_change_control_variate", 0.005)):
            for step in (1, 10, 100):
                store.drift(number, step, (quantity,), error)
    return store


STORES = {
    "scaling": scaling, "data_collapse": data_collapse, "drift_coefficient": drift_coefficient_store,
    "range_of_validity": range_of_validity, "even_law": even_law, "gamma_beta": gamma_beta,
    "weight_decay": weight_decay, "psbn": psbn, "psbn_half_time": psbn_half_time, "collapsed_share": collapsed_share,
    "optimizer_decay": optimizer_decay, "laws": laws, "estimators": estimators,
}
