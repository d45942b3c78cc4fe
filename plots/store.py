"""A run's folder as the figures see it: what the stores of the single neuron and of networks have in common."""

import json
import math
import re
import sqlite3
import weakref
from pathlib import Path
from urllib.parse import quote

import row_checksums

FORMAT = json.loads(Path(__file__).with_name("store_format.json").read_text(encoding="utf-8"))  # the program wrote it
STORE_VERSION = FORMAT["store_version"]
STORE_FILE = FORMAT["files"][0]
SPEC_FILE = "spec.resolved.json"
BUSY_TIMEOUT = 60  # seconds in which another process ends its commit
LARGEST_SPEC = 16 << 20  # bytes, as for `bncollapse run`
RUN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # as the spec's schema has it: it names figures
WRITE_VERSION = 18  # place in the header of the version of SQLite's file format
LATEST_FORMAT = 2
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)  # the latter for the text of an error, or of a table's definition
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")  # at the end: the journal names another (SQLite's file format)


class InputError(Exception):
    """A folder that is no run, or a file that is no store."""


class EmptyStore(InputError):
    """A store whose run has not written to it yet."""


class MissingData(Exception):
    """What a figure needs and the store does not hold."""


def shown(value):
    """A value of others in a message."""
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "..."


def refused(error, place):
    """What is said where the system refuses (an OSError)."""
    if error.strerror is None:
        return str(error)
    return f"{error.filename or place}: {error.strerror}; look at the permissions, the free space and what exists at that path"


def unsuited(place, error):
    """What is said of rows for which no code is made."""
    return f"{place}: its rows, or the spec beside it, are not as bncollapse writes them ({type(error).__name__}: {shown(error)})"


def open_store(folder):
    """The database of a run's folder, open for reading, and the rows of its table `meta`."""
    path = Path(folder) / STORE_FILE
    if not path.exists():
        raise InputError(f"{folder}: no {STORE_FILE} in it; give the folder that `bncollapse run` or `train` wrote")
    for file in (path, *(path.with_name(f"{STORE_FILE}-{kind}") for kind in ("journal", "wal"))):
        if file.exists() and not file.is_file():
            raise InputError(f"{file}: is not a regular file; move it away")
    _require_known_format(path)
    try:
        return _connect(path)
    except UNREADABLE as error:
        if "readonly" not in str(error):
            raise _told(path, error) from error
    _roll_back(path)
    try:
        return _connect(path)
    except UNREADABLE as error:
        raise _told(path, error) from error


def _remedy(path):
    """What to do with a store that is damaged. Checkpoints beside it would go on without its rows."""
    if path.with_name("checkpoints").exists():
        return "delete it and the folder checkpoints beside it, and run again"
    return "delete it and run again"


def _require_known_format(path):
    """A header of another version of the format is one that was damaged: SQLite has had no other."""
    with path.open("rb") as file:
        header = file.read(WRITE_VERSION + 1)
    if header.startswith(b"SQLite format 3") and len(header) > WRITE_VERSION and header[WRITE_VERSION] > LATEST_FORMAT:
        raise InputError(f"{path}: is damaged (its header); {_remedy(path)}")


def _told(path, error):
    """An error of SQLite as one of ours."""
    if isinstance(error, UnicodeDecodeError):
        return InputError(f"{path}: is damaged (a text in it is not UTF-8); {_remedy(path)}")
    reasons = {"locked": "is being used by another program; try again when that has ended",
               "malformed": f"is damaged; {_remedy(path)}",
               "unable to open": "cannot be opened; look at the permissions of the file and its folder",
               "disk I/O": "cannot be read: the disk fails"}
    for sign, reason in reasons.items():
        if sign in str(error):
            return InputError(f"{path}: {reason} ({error})")
    return InputError(f"{path}: not a store of bncollapse ({shown(error)})")


def _database(path, mode):
    database = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode={mode}", timeout=BUSY_TIMEOUT, uri=True)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    return database


def _connect(path):
    database = _database(path, "ro")
    try:
        database.row_factory = sqlite3.Row
        database.execute("PRAGMA trusted_schema = OFF")
        tables = database.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        if not tables:
            raise EmptyStore(f"{path}: is not a store yet (it has no table meta): its run has just begun, or never did")
        for kind, name, sql in tables:  # a view or a virtual table runs what its author wrote
            if kind not in ("table", "index") or (sql or "").upper().startswith("CREATE VIRTUAL"):
                raise InputError(f"{path}: not a store of bncollapse: it holds the {kind} {shown(name)}")
        _require_undamaged(database, path)
        return database, dict(database.execute("SELECT key, value FROM meta").fetchall())
    except BaseException:
        database.close()
        raise


def _require_undamaged(database, path):
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version != STORE_VERSION:
        raise InputError(f"{path}: has store version {version}, this program reads {STORE_VERSION}; take the program "
                         "that wrote it, or run again in another folder")
    remedy = _remedy(path)
    damage = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if damage != "ok":
        raise InputError(f"{path}: is damaged ({shown(damage)}); {remedy}")
    for point in row_checksums.damaged_points(database):
        rows = "the rows of no point" if point == row_checksums.NO_POINT else f"the rows of point {shown(point)}"
        raise InputError(f"{path}: is damaged ({rows} do not have their checksum); {remedy}")


def _roll_back(path):
    """Undoes what a killed run had begun to write: SQLite does so as soon as the store is opened for writing, and then
    deletes the file that a journal of several databases names, which ours never is."""
    journal = path.with_name(f"{STORE_FILE}-journal")
    if journal.exists() and journal.read_bytes().endswith(JOURNAL_MAGIC):
        raise InputError(f"{journal}: it names another file, which the journal of a bncollapse store never does; remove it")
    try:
        database = _database(path, "rw")
        try:
            database.execute("SELECT count(*) FROM sqlite_master").fetchall()
        finally:
            database.close()
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path}: its last commit was cut off and cannot be undone here ({error}); copy the folder to "
                         "a place where you may write, or continue its run (--resume)") from error


def is_file_of_run(path, folder):
    """Whether a path is that of a file that this run keeps in its folder, by name or by a link, or another in its own."""
    beside, path, folder = path.absolute().parent, Path(path), Path(folder)
    if _is_same(beside, folder / "checkpoints"):
        return True
    is_inside = _is_same(beside, folder) or (beside / STORE_FILE).exists()
    return any((is_inside and path.name == name) or _is_same(path, folder / name) for name in FORMAT["files"])


def _is_same(a, b):
    try:
        return a.samefile(b)
    except OSError:
        return False


class Run:
    """One run: its spec, its points and the rows of its store. `KIND` is that of its store's format."""

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
        if path.exists() and not path.is_file():
            raise InputError(f"{path}: is not a regular file")
        try:
            if path.stat().st_size > LARGEST_SPEC:
                raise InputError(f"{path}: is larger than {LARGEST_SPEC >> 20} MiB")
            spec = json.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError as error:
            raise InputError(f"{path}: missing; `bncollapse run` and `train` write it beside the store") from error
        except OSError as error:
            raise InputError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}: not JSON ({shown(error)})") from error
        _require(isinstance(spec, dict), path, "is not an object")
        for key in ("name", "title", "description", "figure"):
            _require(isinstance(spec.get(key, ""), str), path, f"{key}: is not a text")
        _require("name" not in spec or RUN_NAME.fullmatch(spec["name"]), path,
                 f"name: is {shown(repr(spec.get('name')))}; it must match {RUN_NAME.pattern}")
        sweep = spec.get("sweep")
        _require(sweep is None or (isinstance(sweep, dict) and isinstance(sweep.get("axes"), list)
                                   and all(map(_is_axis, sweep["axes"]))), path, "sweep: is not a sweep")
        return spec

    @property
    def engines(self):
        """What computed its points."""
        return [self.meta["engine"]] if self.meta.get("engine") else []

    def _read_points(self):
        points = {}
        asked_for = self.meta.get("points", "")  # a run that was judged anew may hold more
        for row in self._rows(f"SELECT * FROM point ORDER BY point"):
            if asked_for.isdecimal() and row["point"] >= int(asked_for):
                break
            point = {key: row[key] for key in row.keys()}
            try:
                point["parameters"] = json.loads(point["parameters"] or "{}")
            except (ValueError, TypeError, RecursionError) as error:
                raise InputError(f"{self.store}: table point, parameters: not JSON ({shown(error)})") from error
            _require(isinstance(point["parameters"], dict) and all(map(_is_value, point["parameters"].values())),
                     self.store, "table point, parameters: not a number or a name for each field")
            points[point["point"]] = point
        return points

    def _rows(self, query, arguments=()):
        try:
            return self._database.execute(query, arguments).fetchall()
        except sqlite3.OperationalError as error:
            raise MissingData(f"{self.store}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.store}: damaged ({error})") from error

    @property
    def store(self):
        return self.folder / STORE_FILE

    def lack(self, table, what):
        return MissingData(f"{self.store}: table {table} has no rows of {what}")

    # -- the spec -------------------------------------------------------------------------------------------

    @property
    def name(self):
        return self.spec.get("name", "run")

    @property
    def title(self):
        return self.spec.get("title") or self.name

    @property
    def figure(self):
        return self.spec.get("figure", "")

    def spec_value(self, field):
        """The spec's value at a dotted field, e.g. "optimizer.learning_rate"; None where it has no such field."""
        value = self.spec
        for key in field.split("."):
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value

    @property
    def _axes(self):
        return (self.spec.get("sweep") or {}).get("axes", [])

    @property
    def axes(self):
        """The swept fields that take more than one value, in the spec's order."""
        if not self.points:
            return []
        fields = [field for axis in self._axes for field in ([axis["field"]] if "field" in axis else axis["rows"][0])]
        return [f for f in fields if len({json.dumps(v) for v in self.parameter(f).values()}) > 1]

    @property
    def expected_points(self):
        """So many points the sweep has."""
        counts = [_axis_length(axis) for axis in self._axes]
        if not counts or self.spec_value("sweep.mode") == "zip":
            return counts[0] if counts else 1
        return math.prod(counts)

    @property
    def finished(self):
        """The points whose rows are all there."""
        return list(self.points)

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
            raise self.lack("point", f"the parameter {field}")
        return values

    def numbers(self, field):
        """The same of a field that is drawn on an axis."""
        values = self.parameter(field)
        if not all(_is_number(value) for value in values.values()):
            raise MissingData(f"{self.folder / SPEC_FILE}: sweep.axes must vary a number for this figure; {field} takes "
                              "names")
        return values

    def label(self, quantity):
        """What an axis calls a quantity of the store."""
        return next(table["labels"][quantity] for table in FORMAT["kinds"][self.KIND].values()
                    if quantity in table.get("labels", ()))

    def column(self, name):
        """Point -> value of a column of the table `point`."""
        return {p: row[name] for p, row in self.points.items()}

    def verdicts(self):
        columns = FORMAT["kinds"][self.KIND]["verdict"]["columns"]
        rows = [dict(row) for row in self._rows("SELECT * FROM verdict ORDER BY position")]
        for row in rows:
            _require(all(key in columns and _is_cell(cell, columns[key]) for key, cell in row.items())
                     and row.get("check_name") and row.get("verdict"), self.store, "table verdict: damaged")
        return rows


def _require(holds, place, problem):
    if not holds:
        raise InputError(f"{place}: {problem}")


def _is_number(value):
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**64)


def _is_cell(value, column_type):
    return value is None or (isinstance(value, str) if column_type == "text" else _is_number(value))


def _is_value(value):
    return isinstance(value, str) or _is_number(value)


def _is_axis(axis):
    if not isinstance(axis, dict):
        return False
    rows = axis.get("rows")
    ranges = [axis[key] for key in ("linear", "log") if key in axis]
    return (isinstance(axis.get("field"), str) or (isinstance(rows, list) and rows and isinstance(rows[0], dict))) \
        and all(isinstance(r, dict) and isinstance(r.get("count"), int) for r in ranges) \
        and isinstance(axis.get("values", []), list)


def _axis_length(axis):
    for key in ("linear", "log"):
        if key in axis:
            return axis[key]["count"]
    return len(axis.get("values", axis.get("rows", ())))
