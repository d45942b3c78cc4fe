"""Finds runs in folders and opens each as what it is: of the single neuron, or of networks."""

from pathlib import Path

from network_run import NetworkRun
from neuron_run import NeuronRun
from store import STORE_FILE, InputError, open_store


def open_run(folder):
    database, meta = open_store(folder)
    return (NetworkRun if meta.get("kind") == NetworkRun.KIND else NeuronRun)(folder, database, meta)


def find_runs(folder):
    """`folder` itself where it is a run's, else the runs' folders in it, by name."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    if _holds_store(folder):
        return [folder]
    runs = [child for child in sorted(folder.iterdir()) if _holds_store(child)]
    if not runs:
        raise InputError(f"{folder}: neither {STORE_FILE} nor a folder with one in it; "
                         "give what `bncollapse run --out` or `train --out` wrote")
    return runs


def _holds_store(folder):
    try:
        return (folder / STORE_FILE).exists()
    except OSError:  # a folder that may not be entered is told when it is opened
        return True
