"""The floors of study/: no file includes one of a floor above its own."""

import re
import unittest
from pathlib import Path

STUDY = Path(__file__).resolve().parents[2] / "study"
# From the ground up. A private file lies in its floor's folder.
FLOORS = ("schema", "spec", "store", "checks", "run")
PUBLIC = {
    "schema": ("errors", "json"),
    "spec": ("curve", "point", "precision", "prediction", "probe", "quantity", "spec", "time_estimate", "training_point", "verdict",
             "version", "watch", "work_watch", "workload"),
    "store": ("network_store", "run_store", "store", "store_format", "stored_network_run", "stored_run", "stored_table"),
    "checks": ("judge",),
    "run": ("run", "train"),
}
OWN_INCLUDE = re.compile(r'^#include "((?:bncollapse/study/|(?!bncollapse/))[\w/]+\.hpp)"', re.MULTILINE)


def floor(path):
    """The floor of a file, as it is included. A new header, or a new folder, has to be listed above."""
    if "bncollapse/study" in str(path):
        return next(FLOORS.index(name) for name, headers in PUBLIC.items() if Path(path).stem in headers)
    return FLOORS.index(Path(path).parts[0])


def upward_includes(files):
    """`files`: (path as it is included, text)"""
    return [f"{path} includes {included}" for path, text in files for included in OWN_INCLUDE.findall(text)
            if floor(included) > floor(path)]


class Floors(unittest.TestCase):
    def test_no_include_runs_up(self):
        files = [(path.relative_to(root), path.read_text(encoding="utf-8"))
                 for root in (STUDY / "src", STUDY / "include") for path in sorted(root.rglob("*.?pp"))]
        self.assertGreater(len(files), 50)
        self.assertEqual(upward_includes(files), [])

    def test_every_public_header_of_a_floor_is_there(self):
        for headers in PUBLIC.values():
            for name in headers:
                self.assertTrue((STUDY / f"include/bncollapse/study/{name}.hpp").is_file(), name)

    def test_an_include_that_runs_up_is_found(self):
        self.assertEqual(upward_includes([("spec/spec.cpp", '#include "store/table.hpp"\n')]), ["spec/spec.cpp includes store/table.hpp"])
        self.assertTrue(upward_includes([("store/table.cpp", '#include "bncollapse/study/run.hpp"\n')]))
        self.assertFalse(upward_includes([("run/run.cpp", '#include "bncollapse/study/judge.hpp"\n#include "spec/sweep.hpp"\n')]))


if __name__ == "__main__":
    unittest.main()
