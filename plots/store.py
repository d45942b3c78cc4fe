"""A run's folder as the figures see it: what the stores of the single neuron and of networks have in common."""

import json
import sqlite3
import weakref
from pathlib import Path
from urllib.parse import quote

STORE_FILE = "results.sqlite"
SPEC_FILE = "spec.resolved.json"


class InputError(Exception):
    """A folder that is no run, or a file that is no store."""


class MissingData(Exception):
    """What a figure needs and the store does not hold."""


def open_store(folder):
    """The database of a run's folder, open for reading, and the rows of its table `meta`."""
    path = Path(folder) / STORE_FILE
    if not path.is_file():
        raise InputError(f"{folder}: no {STORE_FILE} in it; give the folder that `bncollapse run` or `train` wrote")
    try:
        database = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        database.row_factory = sqlite3.Row
        return database, dict(database.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path}: not a store of bncollapse ({error})") from error


class Run:
    """One run: its spec, its points and the rows of its store. `POINTS` is the table with a row a point."""

    POINTS = "point"

    def __init__(self, folder, database, meta):
        """`database` and `meta` as open_store(folder) gives them."""
        self.folder = Path(folder)
        self._database = database
        weakref.finalize(self, database.close)
        self.meta = meta
        self.spec = self._read_spec()
        self.points = self._read_points()

    def _read_spec(self):
        path = self.folder / SPEC_FILE
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(f"{path}: missing; `bncollapse run` and `train` write it beside the store") from error
        except ValueError as error:
            raise InputError(f"{path}: not JSON ({error})") from error

    def _read_points(self):
        points = {}
        for row in self._rows(f"SELECT * FROM {self.POINTS} ORDER BY point"):
            point = {key: row[key] for key in row.keys()}
            point["parameters"] = json.loads(point["parameters"] or "{}")
            points[point["point"]] = point
        return points

    def _rows(self, query, arguments=()):
        try:
            return self._database.execute(query, arguments).fetchall()
        except sqlite3.OperationalError as error:
            raise MissingData(f"{self.folder / STORE_FILE}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.folder / STORE_FILE}: damaged ({error})") from error

    def lack(self, table, what):
        return MissingData(f"{self.folder / STORE_FILE}: table {table} has no rows of {what}")

    # -- the spec -------------------------------------------------------------------------------------------

    @property
    def name(self):
        return self.spec.get("name", self.folder.name)

    @property
    def title(self):
        return self.spec.get("title") or self.name

    @property
    def figure(self):
        return self.spec.get("figure", "")

    def spec_value(self, field, default=None):
        """The spec's value at a dotted field, e.g. "optimizer.learning_rate"."""
        value = self.spec
        for key in field.split("."):
            if not isinstance(value, dict) or key not in value:
                return default
            value = value[key]
        return value

    @property
    def axes(self):
        """The swept fields that take more than one value, in the spec's order."""
        fields = [field for axis in self.spec_value("sweep.axes", [])
                  for field in ([axis["field"]] if "field" in axis else axis["rows"][0])]
        return [f for f in fields if len({json.dumps(v) for v in self.parameter(f).values()}) > 1]

    @property
    def axis(self):
        """The one swept field of a figure that is drawn against it."""
        if len(self.axes) != 1:
            raise MissingData(f"{self.folder / SPEC_FILE}: sweep.axes must vary one field, it varies {len(self.axes)}")
        return self.axes[0]

    # -- the store ------------------------------------------------------------------------------------------

    def parameter(self, field):
        """Point -> value of a swept field."""
        values = {p: row["parameters"][field] for p, row in self.points.items() if field in row["parameters"]}
        if not values:
            raise self.lack(self.POINTS, f"the parameter {field}")
        return values

    def column(self, name):
        """Point -> value of a column of the table `point`."""
        return {p: row[name] for p, row in self.points.items()}

    def verdicts(self):
        return [dict(row) for row in self._rows("SELECT * FROM verdict ORDER BY position")]
