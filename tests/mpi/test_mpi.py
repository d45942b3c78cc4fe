"""Runs shared by several processes: the store of one process, also after a rank was killed."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["BNCOLLAPSE"]
TABLES = ("point", "prediction", "prediction_series", "estimate", "group_mean", "quantile", "histogram", "path",
          "curve", "verdict")


def spec(points, trajectories, steps):
    return {
        "bncollapse": 2, "name": "shared", "model": {}, "optimizer": {"weight_decay": 0.01},
        "initial": {"kind": "point"},
        "simulation": {"trajectories": trajectories, "steps": steps, "antithetic": True, "histograms": {},
                       "collapse_time": True, "streams": "common", "paths": {"count": 2, "stride": 10},
                       "record": {"steps": {"linear": 4}}},
        "sweep": {"axes": [{"field": "optimizer.learning_rate",
                            "values": [0.01 * (i + 1) for i in range(points)]}]},
        "checks": [{"check": "trend", "quantity": "probability", "of": "optimizer.learning_rate",
                    "direction": "falls"}],
    }


def tables(folder):
    with contextlib.closing(sqlite3.connect(folder / "results.sqlite")) as store:
        return {name: store.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}


class SharedRuns(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                                OMPI_MCA_rmaps_base_oversubscribe="1", PRTE_MCA_rmaps_default_mapping_policy=":oversubscribe", OMPI_MCA_btl_vader_single_copy_mechanism="none")

    def command(self, out, processes):
        alone = [PROGRAM, "run", self.folder / "spec.json", "--out", self.folder / out, "--threads", "1"]
        return alone if processes == 1 else [os.environ["MPIEXEC"], "-n", str(processes), *alone, "--mpi"]

    def run_program(self, out, processes, *more, code=0):
        done = subprocess.run([*self.command(out, processes), *more], env=self.environment, capture_output=True,
                              text=True, timeout=300)
        self.assertEqual(done.returncode, code, done.stderr)

    def write(self, content):
        (self.folder / "spec.json").write_text(json.dumps(content))

    def test_any_number_of_processes_ends_with_the_store_of_one(self):
        # Three points on two processes: two side by side, the last shared trajectory by trajectory.
        self.write(spec(points=3, trajectories=70_000, steps=40))
        self.run_program("one", 1)
        expected = tables(self.folder / "one")
        for processes in (2, 3):
            self.run_program(f"team{processes}", processes)
            self.assertEqual(tables(self.folder / f"team{processes}"), expected)

    def test_a_store_whose_rank_was_killed_resumes(self):
        self.write(spec(points=8, trajectories=100_000, steps=1000))
        self.run_program("whole", 1)
        team = subprocess.Popen(self.command("killed", 2), env=self.environment, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        store = self.folder / "killed" / "results.sqlite"
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (store.exists() and self.points_in(store) >= 2):
            time.sleep(0.02)
        ranks = subprocess.run(["pgrep", "-P", str(team.pid)], capture_output=True, text=True).stdout.split()
        self.assertEqual(len(ranks), 2)
        os.kill(int(ranks[1]), signal.SIGKILL)
        self.assertNotEqual(team.wait(timeout=60), 0)
        self.assertLess(self.points_in(store), 8)
        self.run_program("killed", 2, "--resume")
        self.assertEqual(tables(self.folder / "killed"), tables(self.folder / "whole"))

    @staticmethod
    def points_in(store):
        try:
            with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
                return connection.execute("SELECT count(*) FROM point").fetchone()[0]
        except sqlite3.Error:
            return 0

    def test_a_failing_root_ends_all(self):
        self.write(spec(points=2, trajectories=100, steps=2))
        self.run_program("twice", 2, code=4)  # so few trajectories show no trend
        again = subprocess.run(self.command("twice", 2), env=self.environment, capture_output=True, text=True,
                               timeout=60)
        self.assertEqual(again.returncode, 2)
        self.assertIn("--resume", again.stderr)


if __name__ == "__main__":
    unittest.main()
