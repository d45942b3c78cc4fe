"""Figures and a report page from the stores of `bncollapse run` and `bncollapse train`.

    python3 plots/report.py DIR [DIR ...] [--out FILE] [--dpi N]

DIR is a run's folder or a folder of such folders. Each run gets DIR/figures/NAME.pdf and .png; the page stands in
FILE, by default report.html in the first DIR. Exit code 2 for a missing folder or a file that is no store; the page
of the other runs is written all the same. Exit code 3 where the system lets the page or the standard output not be written.
"""

import argparse
import contextlib
import logging
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # Python's isolated mode (-I) leaves the script's folder out

logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it advises its users, not ours

import page  # noqa: E402
import style  # noqa: E402
import written_file  # noqa: E402
from figures import FIGURES, NETWORKS, NEURON  # noqa: E402
from network_run import NetworkRun  # noqa: E402
from provenance import provenance  # noqa: E402
from runs import find_runs, open_run  # noqa: E402
from store import EmptyStore, InputError, MissingData, is_file_of_run, refused, unsuited  # noqa: E402
from terminal import say  # noqa: E402

PROBE = "network_probe"


def draw(run, dpi):
    """The run's section of the page; writes its figures."""
    section = page.Section(run)
    with contextlib.suppress(MissingData):
        section.verdicts = run.verdicts()
    known = NETWORKS if isinstance(run, NetworkRun) else NEURON
    finished, expected = len(run.finished), run.expected_points
    if finished < expected:
        section.problems.append(f"{finished} of {expected} points are finished; figures and verdicts are about these.")
    if run.figure in known:
        _draw(section, known[run.figure], run.figure, run.name, dpi)
    elif run.figure:
        section.problems.append(f'{run.folder}: "figure": "{run.figure}" is none of {", ".join(known)}')
    if isinstance(run, NetworkRun) and run.is_probed and run.figure != PROBE:
        _draw(section, NETWORKS[PROBE], PROBE, f"{run.name}-probe", dpi)
    return section


def _draw(section, module, name, stem, dpi):
    try:
        drawing = module.draw(section.run)
        pdf, png = style.save(drawing, _figures_folder(section.run), stem, dpi)
        section.figures.append(page.Figure(pdf, png, f"{drawing.caption} {provenance(section.run)}"))
    except MissingData as lack:
        section.problems.append(f"Figure {name} not drawn: {lack}")
    except OSError as error:
        section.problems.append(f"Figure {name} not written: {refused(error, section.run.folder)}")
    except Exception as error:  # whatever rows a store of others holds, the page of the other runs is to be written
        section.problems.append(f"Figure {name} not drawn: {unsuited(section.run.store, error)}")
    finally:
        style.close_figures()


def _figures_folder(run):
    folder = run.folder / "figures"
    if folder.is_symlink():
        raise OSError(f"{folder}: is a link, which may point anywhere; remove it")
    folder.mkdir(exist_ok=True)
    return folder


def _sections(folders, dpi):
    """The runs' sections, and Path -> problem of what is no run."""
    sections, unusable = [], {}
    for folder in (run for each in folders for run in find_runs(each)):
        try:
            sections.append(draw(open_run(folder), dpi))
        except (InputError, MissingData) as problem:
            unusable[folder] = problem
        except OSError as error:
            unusable[folder] = InputError(refused(error, folder))
        except Exception as error:  # as in _draw
            unusable[folder] = InputError(unsuited(folder, error))
    return sorted(sections, key=lambda section: place(section.run)), unusable


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
        if options.out and any(is_file_of_run(options.out, run) for each in options.folders for run in find_runs(each)):
            raise InputError(f"{options.out}: is a file of a run; take another name with --out")
        sections, unusable = _sections(options.folders, options.dpi)
        for problem in unusable.values():
            say(f"report: {problem}", sys.stderr)
        if not sections:
            return 2
        text = page.html(sections, unusable.values())
        out = options.out or options.folders[0] / "report.html"
        try:
            if options.out:
                out.write_text(text, encoding="utf-8")
            else:
                written_file.write(out, text.encode("utf-8"))
        except OSError as error:
            say(f"report: {refused(error, out)}", sys.stderr)
            return 3
        for section in sections:
            for problem in section.problems:
                say(f"report: {problem}", sys.stderr)
            for figure in section.figures:
                say(figure.pdf)
                say(figure.png)
        say(out)
        if sys.stdout:
            sys.stdout.flush()
    except InputError as error:
        say(f"report: {error}", sys.stderr)
        return 2
    except OSError as error:
        say(f"report: {refused(error, 'the standard output')}", sys.stderr)
        return 3
    return 0 if all(isinstance(problem, EmptyStore) for problem in unusable.values()) else 2


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends without a word
    code = main()
    if sys.stderr:
        sys.stderr.flush()
    if code == 3:
        os._exit(code)  # Python itself would write to a full stdout once more
    sys.exit(code)
