"""Finds runs in folders and opens each as what it is: of the single neuron, or of networks."""

from pathlib import Path

from network_run import NetworkRun
from neuron_run import NeuronRun
from store import STORE_FILE, InputError, open_store


def open_run(folder):
    database, meta = open_store(folder)
    return (NetworkRun if meta.get("kind") == "networks" else NeuronRun)(folder, database, meta)


def find_runs(folder):
    """The run in `folder`, or the runs in its sub-folders, by name."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    if (folder / STORE_FILE).exists():
        return [open_run(folder)]
    runs = [open_run(child) for child in sorted(folder.iterdir()) if (child / STORE_FILE).exists()]
    if not runs:
        raise InputError(f"{folder}: neither {STORE_FILE} nor a folder with one in it; "
                         "give what `bncollapse run --out` or `train --out` wrote")
    return runs
