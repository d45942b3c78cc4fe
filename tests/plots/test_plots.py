import contextlib
import hashlib
import io
import json
import re
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plots"))

import matplotlib.image  # noqa: E402
import numpy as np  # noqa: E402

import report  # noqa: E402
import style  # noqa: E402
from figures import FIGURES  # noqa: E402
from runs import open_run  # noqa: E402
from store import MissingData  # noqa: E402
from synthetic_networks import NETWORK_STORES  # noqa: E402
from synthetic_store import STORES as NEURON_STORES  # noqa: E402

STORES = {**NEURON_STORES, **NETWORK_STORES}

# Tables without whose rows the figure cannot be drawn.
NEEDS = {
    "scaling": ("estimate", "prediction"),
    "data_collapse": ("estimate", "prediction"),
    "drift_coefficient": ("estimate", "prediction", "curve"),
    "range_of_validity": ("estimate", "prediction", "curve"),
    "even_law": ("estimate", "prediction"),
    "gamma_beta": ("histogram", "path", "curve", "estimate"),
    "weight_decay": ("estimate", "prediction_series"),
    "psbn": ("estimate", "prediction", "prediction_series", "histogram"),
    "psbn_half_time": ("estimate", "prediction"),
    "collapsed_share": ("estimate",),
    "optimizer_decay": ("prediction", "histogram"),
    "laws": ("estimate", "prediction", "curve"),
    "estimators": ("estimate", "prediction"),
    "network_rounds": ("training", "round_value"),
    "network_sweep": ("training", "round_value"),
    "random_labels": ("training", "round_value", "epoch"),
    "filter_norms": ("training", "channel", "layer"),
    "network_trace": ("training", "channel", "layer"),
    "ablations": ("training", "round_value"),
    "pruning": ("training", "round_value", "pruned"),
    "optimizers": ("training", "round_value"),
    "network_probe": ("training", "probe"),
}


def run_report(*arguments):
    """Exit code, stdout, stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = report.main([str(a) for a in arguments])
    return code, out.getvalue(), err.getvalue()


def digests(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.suffix in (".png", ".pdf", ".html")}


class FiguresTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(style.close_figures)
        self.folder = Path(folder.name)

    def test_every_figure_has_a_store_and_its_needs(self):
        self.assertEqual(set(FIGURES), set(STORES))
        self.assertEqual(set(FIGURES), set(NEEDS))

    def test_each_figure_is_drawn_with_marks_on_it_and_the_same_bytes_each_time(self):
        for name, store in STORES.items():
            store().write(self.folder / name)
        code, out, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual((code, err), (0, ""))
        for name in STORES:
            with self.subTest(figure=name):
                png = self.folder / name / "figures" / f"{name}.png"
                self.assertIn(str(png), out)
                pixels = matplotlib.image.imread(png)[..., :3]
                self.assertGreater((pixels.mean(axis=2) < 0.75).mean(), 0.005, "the picture is empty")
                self.assertEqual(png.with_suffix(".pdf").read_bytes()[:5], b"%PDF-")
        first = digests(self.folder)
        self.assertEqual(len(first), 2 * len(STORES) + 1)
        run_report(self.folder, "--dpi", 60)
        self.assertEqual(first, digests(self.folder))

    def test_measurements_are_markers_with_error_bars_and_predictions_lines(self):
        STORES["scaling"]().write(self.folder / "a")
        figure = FIGURES["scaling"].draw(open_run(self.folder / "a")).figure
        top = figure.axes[0]
        self.assertEqual(len(top.containers), 1)
        markers = top.containers[0].lines[0]
        self.assertEqual(markers.get_linestyle(), "None")
        self.assertNotEqual(markers.get_marker(), "None")
        run = open_run(self.folder / "a")
        np.testing.assert_array_equal(markers.get_ydata(), -1e6 * run.drift().mean)
        line = next(l for l in top.lines if l.get_label() == "Theorem 1")
        np.testing.assert_array_equal(line.get_ydata(), -1e6 * run.prediction("drift_theorem1"))

    def test_figures_follow_the_store(self):
        store = STORES["scaling"]()
        store.write(self.folder / "a")
        store.rows["estimate"] = [(*r[:3], r[3] * 1.5, *r[4:]) for r in store.rows["estimate"]]
        store.write(self.folder / "b")
        for name in "ab":
            run_report(self.folder / name, "--dpi", 80)
        pictures = [(self.folder / n / "figures" / "scaling.png").read_bytes() for n in "ab"]
        self.assertNotEqual(*pictures)

    def test_what_a_figure_lacks_is_named_and_the_others_are_drawn(self):
        for name, tables in NEEDS.items():
            for table in tables:
                with self.subTest(figure=name, table=table):
                    folder = STORES[name]().write(self.folder / f"{name}-{table}", without=(table,))
                    with self.assertRaisesRegex(MissingData, table):
                        FIGURES[name].draw(open_run(folder))
                    store = STORES[name]()
                    store.rows[table] = []
                    folder = store.write(self.folder / f"{name}-{table}-empty")
                    with self.assertRaisesRegex(MissingData, f"table {table}|{name}"):
                        FIGURES[name].draw(open_run(folder))
                    style.close_figures()
        STORES["scaling"]().write(self.folder / "two" / "a", without=("prediction",))
        STORES["weight_decay"]().write(self.folder / "two" / "b")
        code, out, err = run_report(self.folder / "two", "--dpi", 80)
        self.assertEqual(code, 0)
        self.assertIn("Figure scaling not drawn", err)
        self.assertIn("prediction", err)
        self.assertIn("weight_decay.png", out)

    def test_unknown_figure_is_named(self):
        store = STORES["scaling"]()
        store.spec["figure"] = "scalling"
        store.write(self.folder / "a")
        code, _, err = run_report(self.folder / "a")
        self.assertEqual(code, 0)
        self.assertIn('"scalling" is none of scaling,', err)


class PageTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(style.close_figures)
        self.folder = Path(folder.name)

    def page(self):
        STORES["scaling"]().write(self.folder / "a")
        store = STORES["even_law"]()
        store.spec["description"] = "law <b>&\"x\""
        for verdict in ("pass", "fail", "out of range", "inconclusive"):
            store.verdict("even_drift", verdict, claim="A12", point=1, note="<script>alert(1)</script>")
        store.write(self.folder / "b")
        code, _, err = run_report(self.folder, "--dpi", 80, "--out", self.folder / "page.html")
        self.assertEqual((code, err), (0, ""))
        return (self.folder / "page.html").read_text(encoding="utf-8")

    def test_page_holds_figures_captions_and_every_verdict(self):
        page = self.page()
        self.assertEqual(page.count("data:image/png;base64,"), 2)
        self.assertEqual(page.count("<figcaption>"), 2)
        for text in ("2 pass", "1 fail", "1 out of range", "1 inconclusive", "seed 7", "engine cpu", "float32",
                     "10⁶ trajectories", "2.001", "0.002", "A12"):
            self.assertIn(text, page)

    def test_page_says_a_claim_once_for_all_its_points(self):
        store = STORES["even_law"]()
        for point, law in ((1, "gaussian"), (4, "two_point")):
            store.verdict("even_drift", claim=f"P falls at initial.law = {law}, initial.ratio_std = 1.0", point=point)
        store.write(self.folder / "a")
        run_report(self.folder, "--dpi", 80, "--out", self.folder / "page.html")
        page = (self.folder / "page.html").read_text(encoding="utf-8")
        self.assertEqual(page.count("P falls"), 2)  # in the summary and above its rows
        self.assertEqual(page.count("✓ pass"), 2)
        self.assertNotIn("initial.law", page)

    def test_page_needs_nothing_from_outside_and_escapes_text(self):
        page = self.page()
        self.assertIsNone(re.search(r"(src|href)=\"(?!data:|#)", page))
        self.assertNotIn("url(", page)
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)
        self.assertIn("law &lt;b&gt;&amp;", page)


class BadInputTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(style.close_figures)
        self.folder = Path(folder.name)

    def refused(self, folder, *words):
        code, out, err = run_report(folder)
        self.assertEqual((code, out), (2, ""), err)
        for word in words:
            self.assertIn(word, err)

    def test_missing_folder(self):
        self.refused(self.folder / "nowhere", "nowhere", "no such folder")

    def test_folder_without_a_run(self):
        self.refused(self.folder, "results.sqlite")

    def test_a_file_that_is_no_store(self):
        (self.folder / "results.sqlite").write_text("not a database, " * 100)
        self.refused(self.folder, "results.sqlite", "not a store")

    def test_a_store_without_its_points(self):
        for name, table in (("scaling", "point"), ("network_rounds", "training")):
            STORES[name]().write(self.folder / name, without=(table,))
            self.refused(self.folder / name, "results.sqlite", table)

    def test_an_empty_database(self):
        sqlite3.connect(self.folder / "results.sqlite").close()
        self.refused(self.folder, "not a store", "meta")

    def test_missing_or_broken_spec(self):
        STORES["scaling"]().write(self.folder)
        (self.folder / "spec.resolved.json").write_text("{")
        self.refused(self.folder, "spec.resolved.json", "not JSON")
        (self.folder / "spec.resolved.json").unlink()
        self.refused(self.folder, "spec.resolved.json", "missing")

    def test_truncated_store(self):
        STORES["gamma_beta"]().write(self.folder)
        whole = (self.folder / "results.sqlite").read_bytes()
        (self.folder / "results.sqlite").write_bytes(whole[:len(whole) // 2])
        code, _, err = run_report(self.folder)
        self.assertIn("results.sqlite", err)
        self.assertIn(code, (0, 2))

    def test_page_that_cannot_be_written(self):
        STORES["scaling"]().write(self.folder / "a")
        code, _, err = run_report(self.folder / "a", "--out", self.folder / "no" / "page.html")
        self.assertEqual(code, 2)
        self.assertIn("page.html", err)


if __name__ == "__main__":
    unittest.main()
