"""A run of networks: the tables of docs/STORE.md, and its points grouped over their seeds."""

from dataclasses import dataclass

import numpy as np

from store import FORMAT, MissingData, Run

SEED = "seed"
# What sets normalisation and rectifier: these name a series together ("psBN", "Leaky ReLU") before they are an axis.
METHOD = ("network.normalisation", "network.alpha", "network.leak")


@dataclass(frozen=True)
class Group:
    """The finished points that share all parameters but the seed."""

    parameters: dict
    points: tuple


@dataclass(frozen=True)
class Channels:
    """Rows of the table `channel` of one point at one step; gamma and beta are NaN without normalisation."""

    layer: np.ndarray
    channel: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    filter_norm: np.ndarray
    activation_probability: np.ndarray
    maximum: np.ndarray

    @property
    def inactive(self):
        return self.maximum < FORMAT["inactive_below"]


class NetworkRun(Run):
    """The trainings of one run, what was recorded of them, and means over seeds."""

    KIND = "networks"

    @property
    def finished(self):
        return [p for p, row in self.points.items() if row["finished"]]

    @property
    def fields(self):
        """The swept fields, other than the seed, that take more than one value."""
        return [field for field in self.axes if field != SEED]

    @property
    def datasets(self):
        """The names of the images that its points were trained on."""
        return self._environment("dataset")

    @property
    def devices(self):
        return self._environment("device")

    @property
    def engines(self):
        return self._environment("engine")

    def _environment(self, column):
        """A column of the table `environment` over the finished points, each value once; none without that table."""
        try:
            rows = self._rows("SELECT * FROM environment ORDER BY point")
        except MissingData:
            return []
        return list(dict.fromkeys(row[column] for row in rows if row["point"] in self.finished))

    def groups(self):
        """In the order of their first points."""
        found = {}
        for point in self.finished:
            shared = {field: v for field, v in self.points[point]["parameters"].items() if field != SEED}
            found.setdefault(tuple(shared.items()), []).append(point)
        if not found:
            raise self.lack("point", "a finished training")
        return [Group(dict(shared), tuple(points)) for shared, points in found.items()]

    def value(self, group, field):
        """A field of the spec as it is for this group."""
        return group.parameters.get(field, self.spec_value(field))

    def seed(self, point):
        return self.points[point]["parameters"].get(SEED, self.spec_value(SEED))

    def rounds(self, group):
        return int(min(self.points[p]["rounds"] for p in group.points))

    def numeric_field(self):
        """The field that a figure is drawn against: the first that is swept over numbers, methods after all others."""
        numeric = [f for f in self.fields if all(isinstance(v, (int, float)) for v in self.parameter(f).values())]
        if not numeric:
            raise self.lack("point", "several values of a number (sweep.axes)")
        return min(numeric, key=lambda field: field in METHOD)

    # -- what was recorded ----------------------------------------------------------------------------------

    def round_values(self, quantity):
        """(point, round) -> value at that round's end."""
        rows = self._rows("SELECT point, round, value FROM round_value WHERE quantity = ? AND value IS NOT NULL",
                          (quantity,))
        if not rows:
            raise self.lack("round_value", quantity)
        return {(row["point"], row["round"]): row["value"] for row in rows}

    def samples(self, quantity, group, round_):
        """The values of the group's seeds at one round's end; empty where it was not recorded."""
        values = self.round_values(quantity)
        return np.array([values[p, round_] for p in group.points if (p, round_) in values], dtype=float)

    def epochs(self, group):
        """Epochs, counted over all rounds in units of a round, and the training loss of each point (points, epochs)."""
        losses = []
        for point in group.points:
            rows = self._rows("SELECT loss FROM epoch WHERE point = ? ORDER BY round, epoch", (point,))
            losses.append([row["loss"] for row in rows])
        length = min(map(len, losses))
        if not length:
            raise self.lack("epoch", f"point {group.points[0]}")
        per_round = self.points[group.points[0]]["epochs"]
        return np.arange(1, length + 1) / per_round, np.array([loss[:length] for loss in losses], dtype=float)

    def layer_name(self, point, layer):
        rows = self._rows("SELECT name FROM layer WHERE point = ? AND layer = ?", (point, layer))
        if not rows:
            raise self.lack("layer", f"layer {layer} of point {point}")
        return rows[0]["name"]

    def channels(self, point, round_):
        """The channels at a round's end, over the whole training set."""
        rows = self._rows(f"SELECT {CHANNEL_COLUMNS} FROM channel WHERE point = ? AND round = ? "
                          "ORDER BY layer, channel", (point, round_))
        if not rows:
            raise self.lack("channel", f"round {round_} of point {point}")
        return _channels(rows)

    def recorded_channels(self, point):
        """Step -> channels, for the recorded steps, over the first record.images training images."""
        rows = self._rows(f"SELECT step, {CHANNEL_COLUMNS} FROM channel WHERE point = ? AND round = 0 "
                          "ORDER BY step, layer, channel", (point,))
        if not rows:
            raise self.lack("channel", f"recorded steps of point {point}")
        steps = {}
        for row in rows:
            steps.setdefault(row["step"], []).append(tuple(row)[1:])
        return {step: _channels(mine) for step, mine in steps.items()}

    def pruned(self, criterion):
        """(point, round) -> the row of the table `pruned`."""
        rows = self._rows("SELECT * FROM pruned WHERE criterion = ?", (criterion,))
        if not rows:
            raise self.lack("pruned", criterion)
        return {(row["point"], row["round"]): dict(row) for row in rows}

    @property
    def is_probed(self):
        return bool(self._rows("SELECT 1 FROM probe LIMIT 1"))

    def probe(self):
        """Column -> values of the table `probe`, over all channels of the finished points."""
        columns = ("point", "round", "layer", "channel", "drift_theorem1", "drift_signal", "drift_measured",
                   "standard_error")
        rows = self._rows(f"SELECT {', '.join(columns)} FROM probe ORDER BY point, round, layer, channel")
        rows = [row for row in rows if row["point"] in self.finished]
        if not rows:
            raise self.lack("probe", "a finished training")
        return {name: np.array([row[name] for row in rows], dtype=float) for name in columns}


CHANNEL_COLUMNS = "layer, channel, gamma, beta, filter_norm, activation_probability, maximum"


def _channels(rows):
    columns = np.array([tuple(row) for row in rows], dtype=float).T
    return Channels(columns[0].astype(int), columns[1].astype(int), *columns[2:])
