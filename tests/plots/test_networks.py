import contextlib
import io
import json
import math
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plots"))

import matplotlib.colors  # noqa: E402
import numpy as np  # noqa: E402

import interval  # noqa: E402
import network_names  # noqa: E402
import published  # noqa: E402
import report  # noqa: E402
import style  # noqa: E402
from figures import FIGURES  # noqa: E402
from provenance import provenance  # noqa: E402
from runs import open_run  # noqa: E402
from store import MissingData  # noqa: E402
from synthetic_networks import CHANNELS, NETWORK_STORES, NetworkStore, network_rounds  # noqa: E402

T_975_2 = 4.302653  # Student's t for 2 degrees of freedom: NIST/SEMATECH e-Handbook, section 1.3.6.7.2, 4.303


def markers(axes):
    """Of every error-bar series with data: x, means, half widths (zero where there is no bar)."""
    found = []
    for container in axes.containers:
        data, _, bars = container.lines
        x, y = data.get_data()
        segments = bars[0].get_segments() if bars else []
        halves = [(s[1] - s[0]).max() / 2 for s in segments] or [0.0] * len(x)
        found.append((np.asarray(x), np.asarray(y), np.array(halves)))
    return found


class NetworkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.addCleanup(style.close_figures)
        self.folder = Path(folder.name)

    def run_of(self, store):
        return open_run(store.write(self.folder / f"run-{len(list(self.folder.iterdir()))}"))

    def draw(self, store):
        run = self.run_of(store)
        drawing = FIGURES[store.figure].draw(run)
        return drawing.figure.axes, drawing.caption + " " + provenance(run)

    def stored(self, store, points, round_, quantity):
        found = [row["value"] for row in store.rows["round_value"]
                 if row["point"] in points and row["round"] == round_ and row["quantity"] == quantity]
        self.assertEqual(len(found), len(points))
        return 100 * np.array(found)


class IntervalTest(unittest.TestCase):
    def test_student_t_is_the_table_s(self):
        # NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2, column 0.975.
        for degrees, t in ((1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (30, 2.042), (100, 1.984)):
            self.assertAlmostEqual(interval.student_t(degrees), t, delta=5.1e-4)

    def test_half_width_is_t_standard_errors(self):
        mean, half = interval.mean_and_half_width([1.0, 2.0, 6.0])
        self.assertAlmostEqual(mean, 3.0)
        self.assertAlmostEqual(half, T_975_2 * math.sqrt(7.0) / math.sqrt(3.0), places=5)

    def test_one_seed_has_no_interval(self):
        mean, half = interval.mean_and_half_width([0.25])
        self.assertEqual(mean, 0.25)
        self.assertTrue(math.isnan(half))


class NamesTest(unittest.TestCase):
    def test_methods(self):
        for expected, arguments in (("BN", ("batch", 0, 0)), ("psBN α = 0.02", ("batch", 0.02, 0)),
                                    ("Leaky ReLU", ("batch", 0, 0.01)), ("instance norm", ("instance", 0, 0)),
                                    ("no normalisation", ("none", 0, 0)), ("BN, linear", ("batch", 0, 1)),
                                    ("no normalisation, Leaky ReLU", ("none", 0, 0.01))):
            self.assertEqual(network_names.method(*arguments), expected)


class RoundsTest(NetworkTest):
    def test_each_marker_is_the_mean_over_seeds_with_student_s_interval(self):
        store = network_rounds()
        (sparsity, inactive, accuracy), caption = self.draw(store)
        for axes, quantity in ((sparsity, "flops_removed"), (inactive, "inactive_share"), (accuracy, "test_accuracy")):
            series = [s for s in markers(axes) if len(s[0]) == 4]
            self.assertEqual(len(series), 3)
            for index, (_, means, halves) in enumerate(series):
                for r in (1, 2, 3, 4):
                    values = self.stored(store, range(3 * index, 3 * index + 3), r, quantity)
                    self.assertAlmostEqual(means[r - 1], values.mean())
                    self.assertAlmostEqual(halves[r - 1], T_975_2 * values.std(ddof=1) / math.sqrt(3), places=4)
        self.assertIn("means of 3 seeds", caption)

    def test_ensemble_stands_after_the_last_round(self):
        store = network_rounds()
        (_, _, accuracy), _ = self.draw(store)
        ends = [s for s in markers(accuracy) if len(s[0]) == 1]
        np.testing.assert_allclose([s[1][0] for s in ends],
                                   [self.stored(store, range(i, i + 3), 4, "ensemble_accuracy").mean() for i in (0, 3, 6)])
        self.assertTrue(all(s[0][0] > 4.5 for s in ends))

    def test_series_are_named_from_the_parameters(self):
        (_, _, accuracy), _ = self.draw(network_rounds())
        self.assertEqual(accuracy.get_legend_handles_labels()[1], ["BN", "Leaky ReLU", "psBN α = 0.02"])

    def test_an_unfinished_training_is_left_out_and_said(self):
        store = network_rounds()
        means = [s[1] for s in markers(self.draw(store)[0][0])]
        store.rounds(store.point(finished=0, network__alpha=0, network__leak=0, seed=4), 0.99)
        axes, caption = self.draw(store)
        np.testing.assert_array_equal(means, [s[1] for s in markers(axes[0])])
        self.assertIn("10 trainings (1 unfinished, left out)", caption)

    def test_one_seed_has_no_error_bars(self):
        store = NetworkStore("network_rounds", ["network.alpha"])
        for alpha in (0, 0.02):
            store.rounds(store.point(network__alpha=alpha), 0.2)
        axes, caption = self.draw(store)
        self.assertTrue(all((halves == 0).all() for _, _, halves in markers(axes[0])))
        self.assertIn("One seed each", caption)
        self.assertIn("seed 1,", caption)

    def test_published_rounds_stand_beside_the_same_set_up_alone(self):
        same = {"data__train_images": None, "network__architecture": "resnet", "network__depth": 20,
                "optimizer__learning_rate": 0.2, "training__rounds": 5, "training__epochs": 40}
        (sparsity, _, accuracy), caption = self.draw(network_rounds(**same))
        drawn = [tuple(line.get_ydata()) for line in sparsity.lines]
        for psbn in (True, False):
            self.assertIn(published.TABLE_1_SPARSITY[0.2, psbn], drawn)
        self.assertIn(published.TABLE_1, accuracy.get_legend_handles_labels()[1])
        self.assertIn("does not name the network", caption)
        for field, value in (("data__train_images", 5000), ("training__epochs", 8), ("optimizer__learning_rate", 0.3),
                             ("network__architecture", "plain")):
            with self.subTest(differs=field):
                (sparsity, _, accuracy), caption = self.draw(network_rounds(**{**same, field: value}))
                self.assertNotIn(published.TABLE_1, accuracy.get_legend_handles_labels()[1])
                self.assertIn("not drawn", caption)

    def test_caption_names_the_set_up(self):
        _, caption = self.draw(network_rounds())
        for text in ("CIFAR-10 (5000 training images, 10\u202f000 test images, crop and flip)",
                     "plain network of 6 convolutions, width 16, γ₀ = 1; SGD, momentum 0.9, η = 0.2, λ = 0.0005, m = 50",
                     "4 rounds of 2 epochs", "seeds 1, 2, 3", "float32", "on the CPU"):
            self.assertIn(text, caption)

    def test_caption_names_every_data_set_and_device_of_its_points(self):
        store = network_rounds()
        store.rows["environment"][-1].update(device="cuda", dataset="unknown images in CIFAR-10's format")
        _, caption = self.draw(store)
        self.assertIn("CIFAR-10 and unknown images in CIFAR-10's format (5000", caption)
        self.assertIn("on the CPU and a CUDA device.", caption)

    def test_published_table_is_the_paper_s(self):
        # Table 1 of arXiv 2001.11216: sums of its rows of five rounds, psBN then BN, learning rates 0.2 and 0.1.
        sums = [round(sum(table[rate, psbn]), 2) for table in (published.TABLE_1_ACCURACY, published.TABLE_1_SPARSITY)
                for rate in (0.2, 0.1) for psbn in (True, False)]
        self.assertEqual(sums, [468.10, 467.79, 463.64, 464.79, 14.0, 81.2, 2.6, 7.8])


class SweepTest(NetworkTest):
    def test_the_first_and_the_last_round_are_drawn(self):
        store = NETWORK_STORES["network_sweep"]()
        axes, caption = self.draw(store)
        swept = [json.loads(row["parameters"]) for row in store.rows["point"]]
        points = {rate: [p for p, values in enumerate(swept)
                         if values["optimizer.learning_rate"] == rate and values["network.alpha"] == 0]
                  for rate in (0.05, 0.1, 0.2, 0.5)}
        for panel, round_, quantity in ((0, 1, "flops_removed"), (1, 1, "inactive_share"), (2, 4, "flops_removed"),
                                        (3, 4, "inactive_share")):
            expected = [self.stored(store, mine, round_, quantity).mean() for mine in points.values()]
            np.testing.assert_allclose(markers(axes[panel])[0][1], expected)
        self.assertIn("after rounds 1 and 4", caption)
        self.assertEqual(axes[1].get_legend_handles_labels()[1], ["BN", "psBN α = 0.02"])

    def test_points_stand_in_the_order_of_the_numbers(self):
        store = NetworkStore("network_sweep", ["network.gamma"])
        for gamma in (1.0, 0.01, 0.1):
            store.rounds(store.point(network__gamma=gamma), 0.3)
        axes, _ = self.draw(store)
        x, means, _ = markers(axes[2])[0]
        self.assertTrue((np.diff(x) > 0).all())
        np.testing.assert_allclose(means, [self.stored(store, [p], 4, "flops_removed")[0] for p in (1, 2, 0)])

    def test_a_zero_has_its_place_on_a_logarithmic_axis(self):
        axes, _ = self.draw(NETWORK_STORES["optimizers"]())
        x = markers(axes[0])[0][0]
        self.assertEqual(axes[0].get_xscale(), "log")
        self.assertTrue((np.diff(x) > 0).all() and x[0] > 0)
        self.assertEqual([t.get_text() for t in axes[0].get_xticklabels()], ["$0$", "$10^{-4}$", "$10^{-3}$", "$10^{-2}$"])

    def test_optimizers_are_series_and_decoupled_decay_is_explained(self):
        axes, caption = self.draw(NETWORK_STORES["optimizers"]())
        self.assertEqual(axes[1].get_legend_handles_labels()[1], ["SGD, momentum", "Adam, L2", "AdamW"])
        self.assertIn("1 - ηλ", caption)


class OtherFiguresTest(NetworkTest):
    def test_random_labels_show_the_loss_of_every_epoch_and_of_each_round(self):
        store = NETWORK_STORES["random_labels"]()
        (loss, _, _), _ = self.draw(store)
        line = next(l for l in loss.lines if len(l.get_xdata()) == 8)
        np.testing.assert_allclose(line.get_xdata(), np.arange(1, 9) / 2)
        np.testing.assert_allclose(line.get_ydata(), [row["loss"] for row in store.rows["epoch"] if row["point"] == 0])
        np.testing.assert_allclose(markers(loss)[0][1], [1.4 / r**0.5 for r in (1, 2, 3, 4)])

    def test_filter_norms_pool_the_seeds_of_the_layer_with_most_near_zero(self):
        (histogram, shares), caption = self.draw(NETWORK_STORES["filter_norms"]())
        self.assertIn("(conv3)", caption)
        outlines = [patch for patch in histogram.patches if not patch.get_fill()]
        self.assertEqual(len(outlines), 2)
        for patch, near_zero in zip(outlines, (100 * (4 + 4 + 5) / (3 * CHANNELS), 0)):
            values = patch.get_data().values
            self.assertAlmostEqual(values.sum(), 100)
            self.assertAlmostEqual(values[0], near_zero)
        np.testing.assert_allclose(markers(shares)[0][1], [0, 100 * (2 + 2 + 3) / (3 * CHANNELS), 100 * (4 + 4 + 5) / (3 * CHANNELS)])
        np.testing.assert_allclose(markers(shares)[1][1], [0, 0, 0])

    def test_trace_marks_the_channels_that_end_inactive(self):
        (bn, psbn, share), caption = self.draw(NETWORK_STORES["network_trace"]())
        inactive = matplotlib.colors.to_hex(style.series(1).color)
        for axes, expected in ((bn, 5), (psbn, 1)):
            paths = [l for l in axes.lines if len(l.get_xdata()) == 21]
            self.assertEqual(len(paths), CHANNELS)
            self.assertEqual(sum(matplotlib.colors.to_hex(l.get_color()) == inactive for l in paths), expected)
        for axes, alpha in ((bn, 0), (psbn, 0.05)):
            edge = next(l for l in axes.lines if len(l.get_xdata()) == 201)
            np.testing.assert_allclose(edge.get_ydata(), -3 * np.abs(edge.get_xdata()) - alpha)
        mean = next(l for l in share.lines if l.get_label() == "BN")
        self.assertAlmostEqual(mean.get_ydata()[-1], 100 * 5 / (3 * CHANNELS))
        self.assertAlmostEqual(mean.get_ydata()[0], 0)
        self.assertIn("conv2", caption)

    def test_ablations_name_variants_and_draw_no_scale_where_there_is_none(self):
        store = NETWORK_STORES["ablations"]()
        (sparsity, inactive), _ = self.draw(store)
        names = [label.get_text() for label in sparsity.get_yticklabels()]
        self.assertEqual(names, ["BN", "no normalisation", "BN, linear", "instance norm",
                                 "BN, weights shuffled after round 1", "BN, no weight decay"])
        first, last = markers(sparsity)
        self.assertEqual(len(first[0]), 5)
        self.assertEqual(len(markers(inactive)[0][0]), 6)
        self.assertAlmostEqual(last[0][0], self.stored(store, range(3), 4, "flops_removed").mean())
        self.assertAlmostEqual(first[0][0], self.stored(store, range(3), 1, "flops_removed").mean())
        self.assertEqual([text.get_text() for text in sparsity.texts], [r"no $\gamma$"])

    def test_pruning_draws_accuracy_after_removal_against_what_is_left(self):
        store = NETWORK_STORES["pruning"]()
        (accuracy, speed), caption = self.draw(store)
        rounds, rates, adam, narrow = markers(accuracy)
        pruned = [[row for row in store.rows["pruned"] if row["point"] in range(3) and row["round"] == r]
                  for r in (1, 2, 3, 4)]
        kept = [np.mean([100 * row["multiplications_after"] / row["multiplications_before"] for row in rows])
                for rows in pruned]
        np.testing.assert_allclose(rounds[0], kept)
        after = [100 * np.mean([row["accuracy_after"] for row in rows]) for rows in pruned]
        np.testing.assert_allclose(rounds[1], after)
        self.assertEqual((len(rates[0]), len(adam[0])), (2, 1))
        np.testing.assert_allclose(narrow[0], [25, 56.25, 100], atol=0.01)
        self.assertEqual(accuracy.get_legend_handles_labels()[1],
                         ["more rounds", "larger learning rate", "Adam", "narrower network"])
        self.assertEqual(len(markers(speed)[0][0]), 4)

    def test_pruning_says_what_a_removal_cost(self):
        store = NETWORK_STORES["pruning"]()
        row = store.rows["pruned"][3]
        row["accuracy_before"] = row["accuracy_after"] + 0.037
        self.assertIn("Largest loss of accuracy by a removal: 3.7 points", self.draw(store)[1])

    def test_probe_counts_signs_where_the_drift_is_told_from_zero(self):
        store = NetworkStore("network_probe", ["seed"])
        number = store.point(seed=1)
        for channel, (noise, signal, measured, error) in enumerate((
                (-1e-5, 0.0, -1e-5, 1e-6), (-1e-5, 3e-5, 2e-5, 1e-6), (-1e-5, 0.0, 1e-5, 1e-6), (-1e-5, 0.0, 1e-6, 1e-6),
                (0.0, 0.0, 0.0, 0.0))):
            store.probe(number, 1, 0, channel, noise, signal, measured, error)
        (total, noise), caption = self.draw(store)
        self.assertIn("for 4 channels (1 without a measured spread left out) at the end of round 1; ", caption)
        self.assertIn("(a) Prediction: the first-order part (signal) and Theorem 1 with the channel's measured noise. Of 3 "
                      "channels whose drift differs from zero at 95 %, 2 have", caption)
        np.testing.assert_allclose(markers(total)[0][0], [-1e-5, 2e-5, -1e-5, -1e-5])
        np.testing.assert_allclose(markers(noise)[0][1], [-1e-5, -1e-5, 1e-5, 1e-6])
        np.testing.assert_allclose(markers(total)[0][2], 1.96e-6)


class ReportTest(NetworkTest):
    def test_an_axis_of_rows_sweeps_its_fields(self):
        folder = network_rounds().write(self.folder / "rows")
        path = folder / "spec.resolved.json"
        spec = json.loads(path.read_text())
        fields = [axis["field"] for axis in spec["sweep"]["axes"] if axis["field"] != "seed"]
        before = open_run(folder).fields
        spec["sweep"]["axes"] = [{"rows": [{field: 0 for field in fields}]}, {"field": "seed", "values": [1, 2, 3]}]
        path.write_text(json.dumps(spec))
        self.assertEqual(open_run(folder).fields, before)

    def test_a_run_that_was_probed_gets_that_figure_as_well(self):
        store = network_rounds()
        store.rows["probe"] = NETWORK_STORES["network_probe"]().rows["probe"][:20]
        folder = store.write(self.folder / "probed")
        with contextlib.redirect_stdout(io.StringIO()):
            self.assertEqual(report.main([str(folder), "--dpi", "60"]), 0)
        name = open_run(folder).name
        self.assertTrue((folder / "figures" / f"{name}.png").exists())
        self.assertTrue((folder / "figures" / f"{name}-probe.png").exists())
        self.assertEqual((folder / "report.html").read_text().count("<figure>"), 2)

    def test_figure_of_the_neuron_is_refused_for_networks(self):
        store = network_rounds()
        store.figure = "scaling"
        store.write(self.folder / "a")
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            self.assertEqual(report.main([str(self.folder / "a")]), 0)
        self.assertIn('"scaling" is none of network_rounds,', err.getvalue())

    def test_page_shows_verdicts_and_what_it_ran_on(self):
        store = network_rounds()
        store.verdict("trend", claim="A3", point=7)
        store.write(self.folder / "a")
        with contextlib.redirect_stdout(io.StringIO()):
            report.main([str(self.folder / "a"), "--dpi", "60"])
        page = (self.folder / "a" / "report.html").read_text(encoding="utf-8")
        for text in ("A3", "α = 0.02", "seed = 2", "2 pass", "LibTorch 1.13.1", "engine LibTorch 1.13.1 (cpu"):
            self.assertTrue(text in page, text)

    def test_a_sweep_without_a_number_is_named(self):
        store = NetworkStore("network_sweep", ["network.normalisation"])
        for normalisation in ("batch", "instance"):
            store.rounds(store.point(network__normalisation=normalisation), 0.1)
        with self.assertRaisesRegex(MissingData, "sweep.axes"):
            self.draw(store)

    def test_no_finished_training_is_named(self):
        store = NetworkStore("network_rounds", [])
        store.rounds(store.point(finished=0), 0.1)
        with self.assertRaisesRegex(MissingData, "finished"):
            FIGURES["network_rounds"].draw(self.run_of(store))


if __name__ == "__main__":
    unittest.main()
