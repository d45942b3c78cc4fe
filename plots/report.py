"""Figures and a report page from the stores of `bncollapse run` and `bncollapse train`.

    python3 plots/report.py DIR [DIR ...] [--out FILE] [--dpi N]

DIR is a run's folder or a folder of such folders. Each run gets DIR/figures/NAME.pdf and .png; the page stands in
FILE, by default report.html in the first DIR. Exit code 2 for a missing folder or a file that is no store.
"""

import argparse
import sys
from pathlib import Path

import page
import style
from figures import FIGURES, NETWORKS, NEURON
from network_run import NetworkRun
from runs import find_runs
from store import InputError, MissingData

PROBE = "network_probe"


def draw(run, dpi):
    """The run's section of the page; writes its figures."""
    section = page.Section(run)
    known = NETWORKS if isinstance(run, NetworkRun) else NEURON
    if run.figure in known:
        _draw(section, known[run.figure], run.figure, run.name, dpi)
    elif run.figure:
        section.problems.append(f'{run.folder}: "figure": "{run.figure}" is none of {", ".join(known)}')
    if isinstance(run, NetworkRun) and run.is_probed and run.figure != PROBE:
        _draw(section, NETWORKS[PROBE], PROBE, f"{run.name}-probe", dpi)
    return section


def _draw(section, module, name, stem, dpi):
    folder = section.run.folder / "figures"
    try:
        drawing = module.draw(section.run)
        folder.mkdir(exist_ok=True)
        _, image = style.save(drawing, folder / stem, dpi)
        section.figures.append(page.Figure(image, drawing.caption))
    except MissingData as lack:
        section.problems.append(f"Figure {name} not drawn: {lack}")
    finally:
        style.close_figures()


def place(run):
    """Runs stand in the order of the figures, then by name."""
    order = list(FIGURES)
    return (order.index(run.figure) if run.figure in order else len(order), run.name)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="report.py", description="Figures and a report page from finished runs.")
    parser.add_argument("folders", nargs="+", metavar="DIR", type=Path, help="a run's folder, or a folder of them")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the page (default: report.html in the first DIR)")
    parser.add_argument("--dpi", type=int, default=220, metavar="N", help="resolution of the PNG files (default 220)")
    options = parser.parse_args(arguments)
    if not 30 <= options.dpi <= 2400:
        parser.error("--dpi takes 30 to 2400")
    try:
        runs = [run for folder in options.folders for run in find_runs(folder)]
        sections = [draw(run, options.dpi) for run in sorted(runs, key=place)]
        out = options.out or options.folders[0] / "report.html"
        page.write(out, sections)
    except (InputError, MissingData, OSError) as error:
        print(f"report: {error}", file=sys.stderr)
        return 2
    for section in sections:
        for problem in section.problems:
            print(f"report: {problem}", file=sys.stderr)
        for figure in section.figures:
            print(figure.image.with_suffix(".pdf"))
            print(figure.image)
    print(out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
