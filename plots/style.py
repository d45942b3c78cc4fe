"""One look for every figure: column widths, type, colours, marks, and the two roles prediction and measurement.

A prediction is a line, a measurement a marker with its error bar. Series differ in colour (Okabe and Ito's
palette), in marker and in dash pattern, so that they stay apart in grey and for colour-blind readers.
"""

import io
import math
import os
from dataclasses import dataclass
from pathlib import Path

import labels
import written_file


HERE = Path(__file__).resolve().parent


def _import_pyplot():
    """matplotlib reads the matplotlibrc of the current folder, else the user's, when it is imported: that is done in
    our folder, so that figures look alike everywhere."""
    os.environ["MPLBACKEND"] = "Agg"
    current = os.open(".", os.O_PATH)
    os.chdir(HERE)
    try:
        import matplotlib.pyplot
    finally:
        os.fchdir(current)
        os.close(current)
    matplotlib.rc_file(HERE / "matplotlibrc")
    return matplotlib.pyplot


plt = _import_pyplot()

from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullLocator  # noqa: E402  (after ours)

COLUMN_WIDTH = 3.4  # inches, one column of a two-column journal
PAGE_WIDTH = 7.0  # inches, both columns

CONFIDENCE = 1.96  # standard errors to either side of an error bar: 95 %
ERROR_BARS = "Error bars: 95 % confidence intervals (1.96 standard errors)."

BLACK, GREY, LIGHT = "#000000", "#6b6b6b", "#d9d9d9"
DENSITY = "Blues"  # from white to dark: monotone in lightness

@dataclass(frozen=True)
class Series:
    color: str
    marker: str
    dash: tuple


SERIES = (
    Series("#0072b2", "o", (0, ())),
    Series("#d55e00", "s", (0, (5, 1.5))),
    Series("#009e73", "^", (0, (1.2, 1.2))),
    Series("#cc79a7", "D", (0, (5, 1.2, 1.2, 1.2))),
    Series("#56b4e9", "v", (0, (8, 2))),
    Series("#8a6d00", "P", (0, (3, 1, 1, 1, 1, 1))),
    Series("#444444", "X", (0, (2, 2))),
)


def series(index):
    return SERIES[index % len(SERIES)]


@dataclass(frozen=True)
class Drawing:
    """A finished figure and what its caption says."""

    figure: plt.Figure
    caption: str


def figure(width=COLUMN_WIDTH, height=2.6, **grid):
    """A figure with its axes; `grid` as for plt.subplots."""
    return plt.subplots(figsize=(width, height), **grid)


def measured(axes, x, y, standard_error=None, look=SERIES[0], label=None, filled=True, half_width=None, **more):
    """Markers with 95 % error bars, of 1.96 standard errors or of `half_width`; open where `filled` is false."""
    if standard_error is not None:
        half_width = CONFIDENCE * standard_error
    axes.errorbar(x, y, yerr=half_width, fmt=look.marker,
                  color=look.color, markerfacecolor=look.color if filled else "white", markeredgewidth=0.8,
                  elinewidth=0.8, capsize=1.8, capthick=0.8, linestyle="none", label=label, zorder=3, **more)


def predicted(axes, x, y, label=None, color=BLACK, dash=(0, ()), **more):
    axes.plot(x, y, color=color, linestyle=dash, label=label, zorder=2, **more)


def plain_log_ticks(axis, values, form="{:g}"):
    """Ticks at these values of a logarithmic axis, written out, and none between them."""
    axis.set_major_locator(FixedLocator(values))
    axis.set_major_formatter(FuncFormatter(lambda value, _: form.format(value)))
    axis.set_minor_locator(NullLocator())


def number_axis(axes, values):
    """Sets up the x axis for these numbers and gives value -> position: logarithmic where they span a factor of 3 or
    more, with 0 a step to the left of the smallest, else linear."""
    values = sorted(set(values))
    positive = [v for v in values if v > 0]
    if values[0] < 0 or len(positive) < 2 or positive[-1] < 3 * positive[0]:
        axes.set_xticks(values, [f"${labels.tex_number(v)}$" for v in values])
        return {v: v for v in values}
    zero = positive[0] * min(positive[0] / positive[1], 0.5)
    positions = {v: v or zero for v in values}
    axes.set_xscale("log")
    span = math.log10(positive[-1] / positive[0])
    ticks = [v for v in values if span < 2.5 or v == 0 or math.log10(v).is_integer()]
    axes.xaxis.set_major_locator(FixedLocator([positions[v] for v in ticks]))
    form = labels.tex_power if positive[0] < 1e-3 else labels.tex_number
    axes.xaxis.set_major_formatter(FixedFormatter([f"${form(v)}$" for v in ticks]))
    axes.xaxis.set_minor_locator(NullLocator())
    return positions


def panel(axes, letter, name=""):
    """The letter of a panel, and its name, over its top left corner."""
    axes.set_title(f"({letter}) {name}".rstrip(), loc="left", pad=4)


def legend_above(figure, axes, columns):
    """One legend over all panels, from the labels of `axes`, in a strip of its own at the top."""
    handles, texts = axes.get_legend_handles_labels()
    rows = -(-len(handles) // columns)
    strip = (0.145 * rows + 0.06) / figure.get_figheight()
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - strip))
    figure.legend(handles, texts, loc="upper center", ncol=columns, borderaxespad=0.3, columnspacing=1.6)


def close_figures():
    plt.close("all")


def save(drawing, folder, name, dpi):
    """FOLDER/NAME.pdf and .png, without date or program in their metadata: the same store gives the same bytes."""
    paths = []
    for form, metadata in (("pdf", {"CreationDate": None, "Creator": None, "Producer": None}), ("png", {"Software": None})):
        data = io.BytesIO()
        drawing.figure.savefig(data, format=form, dpi=dpi, metadata=metadata)
        paths.append(folder / f"{name}.{form}")
        written_file.write(paths[-1], data.getvalue())
    return tuple(paths)
