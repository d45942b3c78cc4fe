#!/usr/bin/env python3
"""Changes a store as one does who knows its checksums: change_store.py STORE STATEMENTS."""

import contextlib
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "plots"))
import row_checksums  # noqa: E402
from store import FORMAT, STORE_VERSION  # noqa: E402


def seal(database):
    """Gives the store the sums of the rows that it has now."""
    table = row_checksums.TABLE
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchall():
        database.execute(FORMAT["kinds"]["neuron"][table]["definition"])
    database.execute(f"DELETE FROM {table}")
    database.executemany(f"INSERT INTO {table} VALUES (?, ?)", list(row_checksums.sums_of_rows(database).items()))
    database.execute(f"PRAGMA user_version = {STORE_VERSION}")


def change(path, statements):
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.executescript(statements)
        seal(database)


if __name__ == "__main__":
    change(*sys.argv[1:])
