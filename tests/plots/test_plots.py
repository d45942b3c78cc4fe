import contextlib
import errno
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "plots"))

import matplotlib.image  # noqa: E402
import numpy as np  # noqa: E402

import report  # noqa: E402
import style  # noqa: E402
from figures import FIGURES  # noqa: E402
from runs import open_run  # noqa: E402
from store import FORMAT, MissingData  # noqa: E402
from synthetic_networks import NETWORK_STORES  # noqa: E402
from synthetic_store import STORES as NEURON_STORES  # noqa: E402
import change_store  # noqa: E402

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
    "network_rounds": ("point", "round_value"),
    "network_sweep": ("point", "round_value"),
    "random_labels": ("point", "round_value", "epoch"),
    "filter_norms": ("point", "channel", "layer"),
    "network_trace": ("point", "channel", "layer"),
    "ablations": ("point", "round_value"),
    "pruning": ("point", "round_value", "pruned"),
    "optimizers": ("point", "round_value"),
    "network_probe": ("point", "probe"),
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
        for row in store.rows["estimate"]:
            row["mean"] *= 1.5
        store.write(self.folder / "b")
        for name in "ab":
            run_report(self.folder / name, "--dpi", 80)
        pictures = [(self.folder / n / "figures" / "scaling.png").read_bytes() for n in "ab"]
        self.assertNotEqual(*pictures)

    def test_the_store_s_format_names_the_axes(self):
        run = open_run(STORES["psbn_half_time"]().write(self.folder))
        with unittest.mock.patch.dict(FORMAT["kinds"]["neuron"]["prediction"]["labels"], t_half="another name"):
            self.assertEqual(FIGURES["psbn_half_time"].draw(run).figure.axes[0].get_ylabel(), "another name")

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
        for point, law in ((1, "gaussian"), (4, "rademacher")):
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
        for name in "scaling", "network_rounds":
            STORES[name]().write(self.folder / name, without=("point",))
            self.refused(self.folder / name, "results.sqlite", "point")

    def test_an_empty_database(self):
        sqlite3.connect(self.folder / "results.sqlite").close()
        self.refused(self.folder, "not a store", "meta")

    def test_missing_or_broken_spec(self):
        STORES["scaling"]().write(self.folder)
        (self.folder / "spec.resolved.json").write_text("{")
        self.refused(self.folder, "spec.resolved.json", "not JSON")
        (self.folder / "spec.resolved.json").unlink()
        self.refused(self.folder, "spec.resolved.json", "missing")

    def test_a_store_that_another_program_holds(self):
        STORES["scaling"]().write(self.folder)
        with contextlib.closing(sqlite3.connect(self.folder / "results.sqlite", isolation_level=None)) as database, \
                unittest.mock.patch("store.BUSY_TIMEOUT", 0.1):
            database.execute("BEGIN EXCLUSIVE")
            self.refused(self.folder, "results.sqlite", "used by another program")

    def test_truncated_store(self):
        STORES["gamma_beta"]().write(self.folder)
        whole = (self.folder / "results.sqlite").read_bytes()
        (self.folder / "results.sqlite").write_bytes(whole[:len(whole) // 2])
        self.refused(self.folder, "results.sqlite", "is damaged")

    def test_a_flipped_bit_is_found(self):
        STORES["scaling"]().write(self.folder)
        store = self.folder / "results.sqlite"
        whole = store.read_bytes()
        with contextlib.closing(sqlite3.connect(store)) as database:
            means = [mean for (mean,) in database.execute("SELECT mean FROM estimate")]
        for mean in means:
            place = whole.index(struct.pack(">d", mean))
            flipped = bytearray(whole)
            flipped[place + 6] ^= 4
            store.write_bytes(flipped)
            self.refused(self.folder, "results.sqlite", "checksum")

    def test_a_header_of_no_known_format_is_damage(self):
        STORES["scaling"]().write(self.folder)
        store = self.folder / "results.sqlite"
        header = bytearray(store.read_bytes())
        header[18] = 5
        store.write_bytes(header)
        self.refused(self.folder, "results.sqlite", "damaged (its header); delete it and run again")
        (self.folder / "checkpoints").mkdir()
        self.refused(self.folder, "results.sqlite", "delete it and the folder checkpoints beside it")

    def test_a_definition_that_is_no_text_is_damage(self):
        STORES["scaling"]().write(self.folder)
        store = self.folder / "results.sqlite"
        store.write_bytes(store.read_bytes().replace(b"CREATE TABLE estimate", b"CREATE TABLE \xffstimate"))
        self.refused(self.folder, "results.sqlite")

    def test_a_store_of_an_earlier_version(self):
        STORES["scaling"]().write(self.folder)
        with contextlib.closing(sqlite3.connect(self.folder / "results.sqlite")) as database:
            database.execute("PRAGMA user_version = 1")
        self.refused(self.folder, "results.sqlite", "version 1")

    def test_page_that_cannot_be_written(self):
        STORES["scaling"]().write(self.folder / "a")
        code, _, err = run_report(self.folder / "a", "--out", self.folder / "no" / "page.html")
        self.assertEqual(code, 3)
        self.assertIn("page.html: No such file or directory; look at", err)

    def test_a_spec_with_a_mark_of_its_byte_order_is_read(self):
        STORES["scaling"]().write(self.folder)
        spec = self.folder / "spec.resolved.json"
        spec.write_bytes(b"\xef\xbb\xbf" + spec.read_bytes())
        self.assertEqual(run_report(self.folder, "--dpi", 60)[0], 0)

    def test_damaged_specs_and_stores_of_others_are_told_with_their_place(self):
        STORES["scaling"]().write(self.folder)
        spec = self.folder / "spec.resolved.json"
        whole = json.loads(spec.read_text())
        for key, value in (("name", 3), ("name", "../x"), ("title", ["x"]), ("sweep", 3), ("sweep", {"axes": [3]}),
                           ("sweep", {"axes": [{"field": 3}]}), ("figure", {})):
            with self.subTest(key=key, value=value):
                spec.write_text(json.dumps({**whole, key: value}))
                self.refused(self.folder, "spec.resolved.json", key)
        for text in ("[1]", "[" * 100000):
            spec.write_text(text)
            self.refused(self.folder, "spec.resolved.json", "not")
        spec.unlink()
        os.mkfifo(spec)
        self.refused(self.folder, "spec.resolved.json", "regular file")
        spec.unlink()
        spec.write_text(json.dumps(whole))
        for change in ("CREATE VIEW spy AS SELECT 1", "UPDATE point SET parameters = '[' WHERE point = 1",
                       "UPDATE point SET parameters = '{\"a\": [1]}'", "UPDATE verdict SET measured = 'x'"):
            with self.subTest(change=change):
                STORES["scaling"]().write(self.folder)
                change_store.change(self.folder / "results.sqlite", change)
                self.refused(self.folder, "results.sqlite")

    def test_rows_that_fit_no_figure_are_a_note(self):
        STORES["scaling"]().write(self.folder)
        change_store.change(self.folder / "results.sqlite", "UPDATE estimate SET mean = 'x'")
        code, _, err = run_report(self.folder)
        self.assertEqual(code, 0)
        self.assertIn("Figure scaling not drawn", err)
        self.assertIn("Figure scaling not drawn", (self.folder / "report.html").read_text(encoding="utf-8"))

    def test_a_run_that_was_killed_while_it_committed_is_read(self):
        STORES["scaling"]().write(self.folder)
        subprocess.run([sys.executable, ROOT / "tests" / "tools" / "cut_off_commit.py", self.folder / "results.sqlite"])
        self.assertGreater((self.folder / "results.sqlite-journal").stat().st_size, 512)
        code, _, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(open_run(self.folder).column("note")[0], "")


class ForeignFolderTest(unittest.TestCase):
    """What a folder holds of others is data: it neither runs, nor leads out of the folder, nor takes other runs' page."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(style.close_figures)
        self.folder = Path(folder.name)

    def page(self, folder):
        return (folder / "report.html").read_text(encoding="utf-8")

    def test_a_run_that_may_not_be_read_is_a_note(self):
        STORES["scaling"]().write(self.folder / "a")
        STORES["even_law"]().write(self.folder / "b")
        may = Path.exists

        def exists(path):  # as of a folder that its owner alone may enter
            if path.parent.name == "b":
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return may(path)

        with unittest.mock.patch("pathlib.Path.exists", exists):
            code, _, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual(code, 2)
        self.assertIn("b/results.sqlite: Permission denied; look at the permissions", err)
        self.assertIn("Permission denied", self.page(self.folder))

    def test_one_bad_run_is_a_note_on_the_page_of_the_others(self):
        STORES["scaling"]().write(self.folder / "a")
        damaged = STORES["even_law"]().write(self.folder / "b") / "results.sqlite"
        damaged.write_bytes(damaged.read_bytes()[:3000])
        code, out, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual(code, 2)
        self.assertIn("scaling.png", out)
        self.assertIn(str(damaged), err)
        self.assertIn(str(damaged), self.page(self.folder))

    def test_whatever_one_run_holds_the_page_of_the_others_is_written(self):
        STORES["scaling"]().write(self.folder / "a")
        for key, value in (("optimizer", {"weight_decay": [1]}), ("model", {"noise": {"law": {}}}), ("initial", {"kind": []})):
            with self.subTest(key=key):
                STORES["scaling"]().write(self.folder / "b")
                spec = self.folder / "b" / "spec.resolved.json"
                spec.write_text(json.dumps({**json.loads(spec.read_text()), key: value}))
                code, out, err = run_report(self.folder, "--dpi", 60)
                self.assertEqual(code, 0)
                self.assertIn("a/figures/scaling.png", out)
                self.assertIn("Figure scaling not drawn", err)
        for change in ("UPDATE verdict SET measured = 'x'", "UPDATE point SET parameters = '{\"a\": 1%s}'" % ("0" * 400)):
            with self.subTest(change=change):
                STORES["scaling"]().write(self.folder / "b")
                change_store.change(self.folder / "b" / "results.sqlite", change)
                code, out, err = run_report(self.folder, "--dpi", 60)
                self.assertEqual(code, 2)
                self.assertIn("a/figures/scaling.png", out)
                self.assertIn("b/results.sqlite", self.page(self.folder))

    def test_a_run_that_has_just_begun_is_a_note_and_no_error(self):
        STORES["scaling"]().write(self.folder / "a")
        (self.folder / "b").mkdir()
        (self.folder / "b" / "results.sqlite").touch()
        code, _, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual(code, 0)
        self.assertIn("not a store yet", err)
        self.assertIn("not a store yet", self.page(self.folder))

    def test_an_empty_run_and_missing_points_are_notes(self):
        empty = STORES["scaling"]()
        empty.rows["point"] = []
        empty.spec["sweep"] = {"axes": [{"field": "optimizer.learning_rate", "values": [1, 2]}]}
        empty.write(self.folder / "a")
        fewer = STORES["even_law"]()
        fewer.spec["sweep"] = {"axes": [{"field": "initial.law", "values": ["gaussian", "rademacher"]},
                                        {"field": "initial.ratio_std", "linear": {"from": 1, "to": 5, "count": 5}}]}
        fewer.write(self.folder / "b")
        code, out, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual(code, 0)
        for text in ("0 of 2 points", "6 of 10 points"):
            self.assertIn(text, err)
            self.assertIn(text, self.page(self.folder))
        self.assertIn("even_law.png", out)

    def test_a_figure_against_numbers_over_names_is_a_note(self):
        for name in ("scaling", "collapsed_share", "weight_decay", "even_law", "psbn_half_time"):
            store = STORES[name]()
            for row in store.rows["point"]:
                row["parameters"] = re.sub(r": [0-9.]+", ': "sgd"', row["parameters"])
            store.axes = ()
            store.spec["sweep"] = {"axes": [{"field": store.rows["point"][0]["parameters"].split('"')[1], "values": []}]}
            folder = store.write(self.folder / name)
            code, _, err = run_report(folder, "--dpi", 60)
            with self.subTest(figure=name):
                self.assertEqual(code, 0, err)
                self.assertIn(f"Figure {name} not drawn", err)

    def test_a_dot_in_a_name_is_kept_in_the_figures_names(self):
        for name in ("alpha.1", "alpha.2"):
            STORES["scaling"]().write(self.folder / name)
            spec = self.folder / name / "spec.resolved.json"
            spec.write_text(json.dumps({**json.loads(spec.read_text()), "name": name}))
        _, out, _ = run_report(self.folder, "--dpi", 60)
        for name in ("alpha.1", "alpha.2"):
            self.assertIn(f"/{name}.png", out)
            self.assertTrue((self.folder / name / "figures" / f"{name}.pdf").exists())

    def test_links_are_not_followed(self):
        run = STORES["scaling"]().write(self.folder / "a")
        treasure = self.folder / "treasure"
        treasure.write_text("kept")
        (run / "figures").mkdir()
        for link in (run / "figures" / "scaling.png", run / "figures" / "scaling.pdf.part", run / "report.html",
                     run / "report.html.part"):
            link.symlink_to(treasure)
        code, _, err = run_report(run, "--dpi", 60)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(treasure.read_text(), "kept")
        self.assertFalse((run / "figures" / "scaling.png").is_symlink())

        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        shutil.rmtree(run / "figures")
        (run / "figures").symlink_to(elsewhere)
        code, _, err = run_report(run, "--dpi", 60)
        self.assertIn("figures: is a link", err)
        self.assertEqual(list(elsewhere.iterdir()), [])

    def test_no_control_character_reaches_the_terminal(self):
        store = STORES["scaling"]()
        store.spec["figure"] = "\x1b[31mred\u202e"
        store.write(self.folder / "a\x1b[2J")
        code, out, err = run_report(self.folder, "--dpi", 60)
        self.assertEqual(code, 0)
        self.assertTrue((out + err).replace("\n", "").isprintable(), out + err)
        self.assertIn(r"\x1b[31mred\u202e", err)

    def test_figures_do_not_depend_on_the_user_or_on_the_current_folder(self):
        STORES["scaling"]().write(self.folder / "run")
        hostile = self.folder / "hostile"
        hostile.mkdir()
        (hostile / "matplotlibrc").write_text("lines.linewidth: 20\nfont.size: 30\nbackend: nonsense\n")
        for module in ("importlib", "types", "numpy", "page"):
            (hostile / f"{module}.py").write_text("raise SystemExit('code of the current folder ran')")
        pictures = []
        script = Path(report.__file__).resolve()
        for current, more in ((self.folder, {}), (hostile, {"PYTHONPATH": str(hostile), "MPLBACKEND": "nonsense",
                                                            "MATPLOTLIBRC": str(hostile)})):
            done = subprocess.run([sys.executable, "-I", script, self.folder / "run", "--dpi", "60"], cwd=current,
                                  env={**os.environ, **more}, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            pictures.append((self.folder / "run" / "figures" / "scaling.png").read_bytes())
        self.assertEqual(*pictures)


if __name__ == "__main__":
    unittest.main()
