"""The worked examples of docs/EXTENDING.md: their patches, and a tree to which they are applied."""

import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/EXTENDING.md"
FOLDER = ROOT / "docs/extending"
GENERATED = ("docs/SPEC.md", "docs/STORE.md", "plots/field_labels.json", "plots/store_format.json")
NAMES = ("noise_law", "optimizer", "check", "architecture", "figure", "recorded_quantity")


class DoesNotApply(Exception):
    pass


def patch_file(name):
    return FOLDER / f"{name}.patch"


def spec_file(name):
    return FOLDER / f"{name}.json"


def files_of(patch):
    """The files that a patch makes or changes, in its order."""
    return re.findall(r"^\+\+\+ b/(.+)$", patch, re.MULTILINE)


def product_files(patch):
    """Those that a person writes and the program or the report is made of."""
    return [file for file in files_of(patch) if file not in GENERATED and not file.startswith(("tests/", "docs/"))]


def has_tool():
    return shutil.which("patch") is not None or shutil.which("git") is not None


def apply(patch, tree, fuzz=0):
    """Applies a patch's text in the folder `tree`. The program patch, not git, allows `fuzz` other lines at a hunk's ends."""
    if shutil.which("patch"):
        command = ["patch", "--strip=1", f"--fuzz={fuzz}", "--forward", "--batch", "--no-backup-if-mismatch"]
    else:
        command = ["git", "apply"]
    # Inside another checkout git would take the paths from its top.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.resolve().parent)}
    done = subprocess.run(command, cwd=tree, input=patch, text=True, capture_output=True, env=environment, check=False)
    if done.returncode != 0:
        raise DoesNotApply(done.stdout + done.stderr)


def copy_files(files, tree):
    """Copies those of the repository's files that exist into the folder `tree`."""
    for file in files:
        if (ROOT / file).exists():
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tree / file)
