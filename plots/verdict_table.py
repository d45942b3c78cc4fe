"""One text table of the verdicts of runs.

    python3 plots/verdict_table.py DIR [DIR ...]

DIR is a run's folder or a folder of such folders. Exit code 2 for a missing folder or a file that is no store.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # Python's isolated mode (-I) leaves the script's folder out

from runs import find_runs, open_run  # noqa: E402
from store import InputError, MissingData  # noqa: E402
from terminal import printable, say  # noqa: E402

HEADS = ("experiment", "check", "at", "predicted", "measured", "error bar", "deviation", "verdict")
RIGHT = {"predicted", "measured", "error bar", "deviation"}


def rows(run):
    """One row of texts per verdict, in the order of HEADS. The deviation is in standard errors."""
    for verdict in run.verdicts():
        point = run.points.get(verdict["point"])
        at = ", ".join(f"{field.rpartition('.')[2]} {_number(value)}" for field, value in point["parameters"].items()) \
            if point else ""
        yield (run.name, verdict["check_name"], at, _number(verdict["predicted"], 6), _number(verdict["measured"], 6),
               _number(verdict["standard_error"], 2), f"{verdict['deviation']:+.2f}" if verdict["standard_error"] else "",
               verdict["verdict"])


def table(lines):
    lines = [HEADS, *(tuple(map(printable, line)) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    rule = ["  ".join("-" * width for width in widths)]
    text = ["  ".join(cell.rjust(width) if head in RIGHT else cell.ljust(width)
                      for cell, width, head in zip(line, widths, HEADS)).rstrip() for line in lines]
    return "\n".join(text[:1] + rule + text[1:])


def _number(value, digits=4):
    return f"{value:.{digits}g}" if isinstance(value, (int, float)) else "" if value is None else str(value)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="verdict_table.py", description="One text table of the verdicts of runs.")
    parser.add_argument("folders", nargs="+", metavar="DIR", type=Path, help="a run's folder, or a folder of them")
    try:
        lines = [row for folder in parser.parse_args(arguments).folders for run in find_runs(folder)
                 for row in rows(open_run(run))]
    except (InputError, MissingData) as error:
        say(f"verdict_table: {error}", sys.stderr)
        return 2
    print(table(lines))
    print(f"\n{len(lines)} verdicts:", ", ".join(f"{count} {name}" for name, count in Counter(r[-1] for r in lines).items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
