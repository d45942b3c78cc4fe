"""Leaves the store that is named as kill -9 amid a commit leaves it: with a journal that is to be undone."""

import os
import signal
import sqlite3
import sys

database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN IMMEDIATE")
database.execute("UPDATE point SET note = 'half done'")
database.execute("CREATE TABLE filler (x)")
for _ in range(200):
    database.execute("INSERT INTO filler VALUES (?)", ("y" * 1000,))
os.kill(os.getpid(), signal.SIGKILL)
