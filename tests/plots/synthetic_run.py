"""What the tests' stores of both kinds have in common: the tables of the program's own format, filled by column names."""

import contextlib
import json
import sqlite3
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from change_store import seal  # noqa: E402
from store import FORMAT  # noqa: E402


class SyntheticRun:
    """Collects rows, then writes DIR/results.sqlite and DIR/spec.resolved.json."""

    def __init__(self, kind, figure, axes, spec, **meta):
        self.kind = kind
        self.figure = figure
        self.axes = axes
        self.spec = spec
        self.rows = {table: [] for table in FORMAT["kinds"][kind]}
        for key, value in {"store_version": str(FORMAT["store_version"]), "kind": kind, "program_version": "0.1.0",
                           **meta}.items():
            self.add("meta", key=key, value=value)
        self.random = np.random.default_rng(1)

    def add(self, table, **cells):
        """A row of a table; columns that are left out are null."""
        self.rows[table].append(cells)

    def add_verdict(self, **cells):
        usual = {"claim": "", "field": "", "deviation": 0.5, "tolerance": 0.01, "tolerance_source": "spec", "note": ""}
        self.add("verdict", position=len(self.rows["verdict"]), **{**usual, **cells})

    def write(self, folder, without=()):
        """`without`: tables to leave out of the file."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        sweep = {"mode": "grid", "axes": [{"field": f, "values": []} for f in self.axes]}
        spec = {"bncollapse": 2, "name": self.figure, "title": f"Synthetic {self.figure}", "seed": 7, "sweep": sweep,
                "figure": self.figure, **self.spec}
        (folder / "spec.resolved.json").write_text(json.dumps(spec), encoding="utf-8")
        (folder / "results.sqlite").unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(folder / "results.sqlite")) as database, database:
            for table, form in FORMAT["kinds"][self.kind].items():
                if table in without:
                    continue
                database.execute(form["definition"])
                for row in self.rows[table]:
                    database.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",
                                     tuple(row.values()))
            seal(database)
        return folder
