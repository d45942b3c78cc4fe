"""A run of the single neuron: the tables of docs/STORE.md as NumPy arrays.

Nothing here computes a prediction: predicted values come from the tables `prediction`, `prediction_series`
and `curve`, measured ones from `estimate`, `quantile`, `histogram` and `path`.
"""

import contextlib
from dataclasses import dataclass

import numpy as np

from store import MissingData, Run

DRIFT_ESTIMATORS = ("probability_change", "probability_change_control_variate", "probability_change_antithetic")


@dataclass(frozen=True)
class Estimates:
    """Rows of the table `estimate` of one quantity, ordered by point and step."""

    quantity: str
    point: np.ndarray
    step: np.ndarray
    mean: np.ndarray
    standard_error: np.ndarray
    count: np.ndarray

    def where(self, mask):
        return Estimates(self.quantity, self.point[mask], self.step[mask], self.mean[mask],
                         self.standard_error[mask], self.count[mask])

    def of_point(self, point):
        return self.where(self.point == point)


@dataclass(frozen=True)
class Histogram:
    """counts[i] over x_edges, or counts[i, j] over x_edges and y_edges; `below` and `above` lie outside."""

    counts: np.ndarray
    x_edges: np.ndarray
    y_edges: np.ndarray  # empty for one dimension
    below: int
    above: int

    @property
    def total(self):
        return int(self.counts.sum()) + self.below + self.above


class NeuronRun(Run):
    """The estimates, predictions and curves of one run."""

    KIND = "neuron"

    def estimate(self, quantity):
        rows = self._rows("SELECT point, step, mean, standard_error, count FROM estimate WHERE quantity = ? "
                          "ORDER BY point, step", (quantity,))
        if not rows:
            raise self.lack("estimate", quantity)
        columns = [np.array([row[i] for row in rows]) for i in range(5)]
        return Estimates(quantity, columns[0], columns[1], *(np.array(c, dtype=float) for c in columns[2:]))

    def drift(self):
        """The drift of P in one step, from the estimator with the smallest mean standard error."""
        found = []
        for quantity in DRIFT_ESTIMATORS:
            with contextlib.suppress(MissingData):
                estimate = self.estimate(quantity)
                found.append(estimate.where(estimate.step == 1))
        found = [estimate for estimate in found if len(estimate.point)]
        if not found:
            raise self.lack("estimate", f"{' or '.join(DRIFT_ESTIMATORS)} at step 1")
        return min(found, key=lambda estimate: estimate.standard_error.mean())

    def prediction(self, quantity, points=None):
        """The predicted values of the points given (all by default), in their order."""
        rows = self._rows("SELECT point, value FROM prediction WHERE quantity = ?", (quantity,))
        values = {row["point"]: row["value"] for row in rows}
        wanted = list(self.points) if points is None else list(points)
        if not rows or any(p not in values for p in wanted):
            raise self.lack("prediction", f"{quantity} for each point")
        return np.array([np.nan if values[p] is None else values[p] for p in wanted], dtype=float)

    def prediction_series(self, quantity, point):
        """Steps and predicted values of one point."""
        rows = self._rows("SELECT step, value FROM prediction_series WHERE quantity = ? AND point = ? ORDER BY step",
                          (quantity, point))
        if not rows:
            raise self.lack("prediction_series", f"{quantity} for point {point}")
        return np.array([r["step"] for r in rows], dtype=float), np.array([r["value"] for r in rows], dtype=float)

    def quantile(self, quantity, probability, point):
        """Steps and values of one quantile of one point."""
        rows = self._rows("SELECT step, value FROM quantile WHERE quantity = ? AND point = ? "
                          "AND abs(probability - ?) < 1e-9 ORDER BY step", (quantity, point, probability))
        if not rows:
            raise self.lack("quantile", f"{quantity} at probability {probability:g} for point {point}")
        return np.array([r["step"] for r in rows], dtype=float), np.array([r["value"] for r in rows], dtype=float)

    def histogram_steps(self, quantity, point):
        rows = self._rows("SELECT step FROM histogram WHERE quantity = ? AND point = ? ORDER BY step", (quantity, point))
        if not rows:
            raise self.lack("histogram", f"{quantity} for point {point}")
        return [row["step"] for row in rows]

    def histogram(self, quantity, point, step=None):
        """The histogram at `step`, by default the last."""
        if step is None:
            step = self.histogram_steps(quantity, point)[-1]
        rows = self._rows("SELECT * FROM histogram WHERE quantity = ? AND point = ? AND step = ?",
                          (quantity, point, step))
        if not rows:
            raise self.lack("histogram", f"{quantity} for point {point} at step {step}")
        row = rows[0]
        counts = np.frombuffer(row["counts"], dtype="<i8")
        if len(counts) != row["x_count"] * (row["y_count"] or 1):
            raise MissingData(f"{self.store}: table histogram: {quantity} has {len(counts)} counts for its bins")
        x_edges = np.linspace(row["x_lower"], row["x_upper"], row["x_count"] + 1)
        y_edges = np.empty(0)
        if row["y_count"]:
            counts = counts.reshape(row["x_count"], row["y_count"])
            y_edges = np.linspace(row["y_lower"], row["y_upper"], row["y_count"] + 1)
        return Histogram(counts, x_edges, y_edges, row["below"] or 0, row["above"] or 0)

    def paths(self, point):
        """Path number -> (steps, gamma, beta)."""
        rows = self._rows("SELECT path, step, gamma, beta FROM path WHERE point = ? ORDER BY path, step", (point,))
        if not rows:
            raise self.lack("path", f"point {point}")
        table = np.array([tuple(row) for row in rows], dtype=float)
        return {int(k): table[table[:, 0] == k, 1:].T for k in np.unique(table[:, 0])}

    def curve(self, name):
        """Series -> (x, y) of one dense predicted curve."""
        rows = self._rows("SELECT series, x, y FROM curve WHERE curve = ? ORDER BY series, x", (name,))
        if not rows:
            raise self.lack("curve", name)
        series = {}
        for row in rows:
            series.setdefault(row["series"], []).append((row["x"], row["y"]))
        return {key: np.array(values, dtype=float).T for key, values in series.items()}
