"""Digests of results: the order of rows does not count, the last bit of a number does."""

import contextlib
import importlib.machinery
import importlib.util
import math
import pathlib
import sqlite3
import unittest

PATH = pathlib.Path(__file__).resolve().parent.parent.parent / "tools/result-digests"
LOADER = importlib.machinery.SourceFileLoader("result_digests", str(PATH))
digests = importlib.util.module_from_spec(importlib.util.spec_from_loader("result_digests", LOADER))
LOADER.exec_module(digests)


class Digests(unittest.TestCase):
    def digest(self, rows):
        with contextlib.closing(sqlite3.connect(":memory:")) as store:
            store.execute("CREATE TABLE estimate (step INTEGER, mean REAL, counts BLOB)")
            store.executemany("INSERT INTO estimate VALUES (?, ?, ?)", rows)
            return digests.digest(store, ("estimate",))

    def test_order_does_not_count(self):
        rows = [(1, 0.1, b"ab"), (2, 0.2, None)]
        self.assertEqual(self.digest(rows), self.digest(rows[::-1]))

    def test_last_bit_counts(self):
        base = self.digest([(1, 0.1, b"ab")])
        self.assertNotEqual(base, self.digest([(1, math.nextafter(0.1, 1), b"ab")]))
        self.assertNotEqual(base, self.digest([(1, 0.1, b"ac")]))
        self.assertNotEqual(base, self.digest([(1, 0.1, b"ab"), (1, 0.1, b"ab")]))


if __name__ == "__main__":
    unittest.main()
