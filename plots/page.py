"""One self-contained HTML page of verdicts and figures: no script, no external resource."""

import base64
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path

import labels
from terminal import printable

VERDICTS = {"pass": ("✓", "pass"), "fail": ("✗", "fail"), "out of range": ("○", "range"),
            "inconclusive": ("?", "open")}

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #ffffff; --soft: #5c5c5c; --line: #d6d6d6; --card: #f6f6f4;
  --pass: #006b45; --fail: #b3261e; --range: #5c5c5c; --open: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e3; --paper: #17181a; --soft: #a5a29d; --line: #3a3c40;
  --card: #202225; --pass: #5ecb9b; --fail: #ff8a80; --range: #a5a29d; --open: #f0b95a; } }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .4rem; padding-top: .8rem; border-top: 1px solid var(--line); }
p.lead, p.note, figcaption, footer { color: var(--soft); }
p.note { border-left: 3px solid var(--open); padding-left: .8rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; font: 13px/1.4 system-ui, sans-serif;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .28rem .6rem .28rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
td.number, th.number { text-align: right; white-space: nowrap; }
td.verdict { white-space: nowrap; font-weight: 600; }
tr.claim th { color: var(--ink); padding-top: 1rem; border-bottom: none; }
tr.claim small { display: block; font-weight: 400; color: var(--soft); }
td small { color: var(--soft); }
.whole { white-space: nowrap; }
ul.claims { margin: 0; padding-left: 1.1rem; }
.pass { color: var(--pass); } .fail { color: var(--fail); } .range { color: var(--range); } .open { color: var(--open); }
figure { margin: 1.2rem 0; }
figure img { display: block; max-width: 100%; margin: 0 auto; background: #ffffff; border-radius: 4px; }
figcaption { font-size: .92rem; margin-top: .6rem; }
a { color: inherit; }
code { font-size: .9em; }
@media print { :root { --ink: #000; --paper: #fff; --soft: #333; --line: #bbb; --card: #fff; --pass: #000; --fail: #000;
  --range: #000; --open: #000; } body { max-width: none; padding: 0; font-size: 10pt; } table { font-size: 7.5pt; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; } .scroll { overflow: visible; } }
"""


@dataclass
class Figure:
    """A figure's files and caption."""

    pdf: Path
    png: Path
    caption: str


@dataclass
class Section:
    """What the page shows of one run."""

    run: object
    figures: list = field(default_factory=list)
    problems: list = field(default_factory=list)
    verdicts: list = field(default_factory=list)


def html(sections, problems=()):
    """The page's text. `problems`: what is said of folders that hold no run."""
    body = [_summary(sections)] + [_note(problem) for problem in problems]
    body += [_section(i, section) for i, section in enumerate(sections)]
    return ("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            f"<title>bncollapse: predicted and measured</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
            + "\n".join(body) + f"\n{_footer(sections)}\n</body>\n</html>\n")


def _note(problem):
    return f'<p class="note">{escape(printable(problem))}</p>'


def counts(sections):
    """Verdict -> how many, in the order of VERDICTS."""
    found = [v["verdict"] for section in sections for v in section.verdicts]
    return {name: found.count(name) for name in VERDICTS}


def _summary(sections):
    total = counts(sections)
    said = ", ".join(f'<span class="{VERDICTS[name][1]}">{number} {name}</span>' for name, number in total.items()
                     if number or name in ("pass", "fail"))
    rows = "".join(
        f'<tr><td><a href="#run-{i}">{escape(section.run.title)}</a></td>'
        f'<td><ul class="claims">{"".join(f"<li>{escape(claim)}</li>" for claim in _claims(section))}</ul></td>'
        + "".join(f'<td class="number {look if n else ""}">{n or "–"}</td>'
                  for (_, look), n in zip(VERDICTS.values(), counts([section]).values())) + "</tr>\n"
        for i, section in enumerate(sections))
    heads = "".join(f'<th class="number">{name}</th>' for name in VERDICTS)
    return (f"<h1>Predicted and measured</h1>\n<p class=\"lead\">{sum(total.values())} verdicts on "
            f"{len(sections)} run{'' if len(sections) == 1 else 's'}: {said}.</p>\n<div class=\"scroll\"><table>\n<thead><tr><th>Run</th><th>Claims</th>"
            f"{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>")


def _claims(section):
    return dict.fromkeys(_claim(section.run, v) for v in section.verdicts if v["claim"])


def _claim(run, verdict):
    """The claim as the spec words it, without the point of the sweep that the store says behind it."""
    claim = verdict["claim"] or ""
    for parameter in _parameters(run, verdict):
        claim = claim.partition(f" at {parameter} = ")[0]
    return claim


def _parameters(run, verdict):
    """The swept fields of a verdict's point and their values; none where it is about several points."""
    return run.points[verdict["point"]]["parameters"] if verdict["point"] in run.points else {}


def _section(index, section):
    run = section.run
    parts = [f'<h2 id="run-{index}">{escape(run.title)}</h2>']
    if run.spec.get("description"):
        parts.append(f"<p>{escape(run.spec['description'])}</p>")
    parts += [_note(problem) for problem in section.problems]
    for figure in section.figures:
        data = base64.b64encode(figure.png.read_bytes()).decode("ascii")
        parts.append(f'<figure><img alt="{escape(run.title, quote=True)}" style="width:{_display_width(figure.png)}" '
                     f'src="data:image/png;base64,{data}">'
                     f"<figcaption>{escape(figure.caption)}</figcaption></figure>")
    if section.verdicts:
        parts.append(_verdict_table(run, section.verdicts))
    return "\n".join(parts)


def _display_width(image):
    """PNG pixel width (bytes 16-19 of the file) decides: two-column figures take the page's width."""
    header = image.read_bytes()[:24]
    width, height = int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
    return "100%" if width > 1.7 * height else "min(100%, 34rem)"


NUMBERS = {"Predicted": "predicted", "Measured": "measured", "± 1 s.e.": "standard_error", "Deviation (s.e.)": "deviation",
           "Tolerance": "tolerance"}
HEADS = ("Verdict", "At", "Of", *NUMBERS)


def _verdict_table(run, verdicts):
    head = "".join(f'<th{" class=number" if h in NUMBERS else ""}>{h}</th>' for h in HEADS)
    claims = groupby(verdicts, lambda v: (_claim(run, v), v["check_name"]))
    rows = "".join(_claim_row(claim, check, group := list(members)) + "".join(_verdict_row(run, v) for v in group)
                   for (claim, check), members in claims)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>'


def _claim_row(claim, check, verdicts):
    sources = "; ".join(dict.fromkeys(v["tolerance_source"] for v in verdicts if v["tolerance_source"]))
    said = f"{escape(claim)} <code>{escape(check)}</code>" + (f"<small>Tolerance: {escape(sources)}</small>" if sources else "")
    return f'<tr class="claim"><th colspan="{len(HEADS)}" scope="rowgroup">{said}</th></tr>\n'


def _verdict_row(run, verdict):
    mark, look = VERDICTS.get(verdict["verdict"], ("", ""))
    at = ", ".join(f'<span class="whole">{escape(f"{labels.short_name(field)} = {labels.value(field, value)}")}</span>'
                   for field, value in _parameters(run, verdict).items())
    note = f"<br><small>{escape(verdict['note'])}</small>" if verdict["note"] else ""
    cells = [f'<td class="verdict {look}">{mark} {escape(verdict["verdict"])}</td>', f"<td>{at}</td>",
             f"<td>{escape(verdict['field'] or '')}{note}</td>"]
    cells += [f'<td class="number">{_number(verdict[key])}</td>' for key in NUMBERS.values()]
    return f"<tr>{''.join(cells)}</tr>\n"


def _number(value):
    return "–" if value is None else escape(labels.number(value, 5))


def _stamp(run):
    """What made a run, in phrases."""
    kept = {key: [run.meta[key]] for key in ("program_version", "build", "generator", "host") if run.meta.get(key)}
    return [f"{key.replace('_', ' ')} {' and '.join(values)}" for key, values in {**kept, "engine": run.engines}.items()
            if values]


def _footer(sections):
    stamps = dict.fromkeys(", ".join(_stamp(section.run)) for section in sections)
    return f"<footer><p>{'<br>'.join(escape(stamp) for stamp in stamps)}</p></footer>"
