#!/usr/bin/env python3
"""Runs the shipped specs of the single neuron on both engines and compares what they store, bit for bit.

Usage: same_bits.py BNCOLLAPSE FOLDER

Prints a line a spec as it goes. Exit code 1 where a run failed or a table differs.
"""

import argparse
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

SPECS = Path(__file__).resolve().parent.parent.parent / "experiments" / "single-neuron"
TABLES = ("estimate", "histogram", "path")
VERDICTS = (0, 1, 4)  # exit codes of a run that came to its end


def run(program, spec, engine, folder):
    """Seconds; an error's last line is raised."""
    began = time.monotonic()
    done = subprocess.run([program, "run", spec, "--engine", engine, "--out", folder], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode not in VERDICTS:
        raise RuntimeError(f"{engine} ended with {done.returncode}: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
    return time.monotonic() - began


def rows(folder):
    """{table: its rows, sorted}"""
    store = sqlite3.connect(folder / "results.sqlite")
    return {table: sorted(store.execute(f"SELECT * FROM {table}"), key=repr) for table in TABLES}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bncollapse", type=Path)
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    shutil.rmtree(args.folder, ignore_errors=True)
    failed = False
    for spec in sorted(SPECS.glob("*.json")):
        folders = {engine: args.folder / engine / spec.stem for engine in ("cuda", "cpu")}
        try:
            seconds = {engine: run(args.bncollapse, spec, engine, folder) for engine, folder in folders.items()}
            stored = {engine: rows(folder) for engine, folder in folders.items()}
            different = [table for table in TABLES if stored["cuda"][table] != stored["cpu"][table]]
            if not stored["cuda"]["estimate"]:
                raise RuntimeError("there are no estimates to compare")
            failed = failed or bool(different)
            print(spec.stem, f"{'DIFFERENT in ' + ', '.join(different) if different else 'the same bits'},",
                  sum(map(len, stored["cuda"].values())), "rows;", *(f"{engine} {took:.2f} s" for engine, took in seconds.items()),
                  flush=True)
        except RuntimeError as reason:
            failed = True
            print(spec.stem, "FAILED:", reason, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
