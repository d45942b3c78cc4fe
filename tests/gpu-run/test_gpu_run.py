"""The parts of the run on a GPU machine (bench/gpu) that need neither the machine nor a device: test_gpu_run.py CLASS"""

import contextlib
import importlib.machinery
import importlib.util
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
GPU = ROOT / "bench" / "gpu"
SKIPPED = 77
sys.dont_write_bytecode = True


def program(name):
    """A script of bench/gpu as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(GPU / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)


class Steps(Folder):
    """steps.sh, in a script of its own inside a tree of its own."""

    def run_script(self, text, limit=30):
        """(exit code, {step: verdict}, names in the archive)"""
        scripts = self.folder / "bench" / "gpu"
        scripts.mkdir(parents=True, exist_ok=True)
        shutil.copy(GPU / "steps.sh", scripts)
        (scripts / "trial").write_text("#!/usr/bin/env bash\n# Usage: trial\nset -a\npart=trial budget=60\noption() { return 1; }\n"
                                       f'source "$(dirname "$0")/steps.sh"\nwith_device=no\n{text}\n')
        done = subprocess.run(["bash", scripts / "trial", "--out", self.folder / "out", "--limit", str(limit)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        self.printed = done.stdout
        rows = [line.split(" | ") for line in (self.folder / "out" / "trial.md").read_text().splitlines()[2:]]
        with tarfile.open(self.folder / "out" / "trial.tgz") as archive:
            return done.returncode, {row[0].strip("| "): row[1] for row in rows}, archive.getnames()

    def test_every_step_has_a_verdict_and_the_exit_code_counts_failures(self):
        code, verdicts, names = self.run_script("""
            works() { echo fine; }
            step good 5 works
            step bad 5 sh -c 'exit 3'
            step missing 5 no-such-command
            step slow 1 sleep 20
            finish""")
        self.assertEqual(verdicts, {"good": "passed", "bad": "FAILED (code 3)", "missing": "FAILED (code 127)", "slow": "FAILED (over 1 s)"})
        self.assertEqual(code, 3)
        self.assertIn("trial/good.log", names)

    def test_without_a_device_no_step_that_needs_one_passes(self):
        code, verdicts, _ = self.run_script("""
            device_step says-so 5 sh -c 'echo there is no CUDA driver; exit 1'
            device_step passes 5 true
            device_step breaks 5 sh -c 'echo no such file; exit 1'
            device=cpu
            device_step on-processor 5 true
            finish""")
        self.assertEqual(verdicts, {"says-so": "FAILED (no device)", "passes": "FAILED (passes without a device)",
                                    "breaks": "FAILED (code 1)", "on-processor": "passed"})
        self.assertEqual(code, 3)

    def test_a_kill_loses_only_the_step_that_runs(self):
        code, verdicts, names = self.run_script("step first 5 echo kept\n(sleep 2; kill -9 $$) & step second 20 sleep 10\nfinish")
        self.assertEqual(code, -9)
        self.assertEqual(verdicts, {"first": "passed"})
        self.assertIn("trial/first.log", names)

    def test_what_the_call_has_no_time_for_fails(self):
        code, verdicts, _ = self.run_script("step long 60 sleep 60\nstep late 5 true\nfinish", limit=4)
        self.assertRegex(verdicts["long"], r"FAILED \(over [1-4] s\)")
        self.assertEqual(verdicts["late"], "FAILED (no time left)")
        self.assertEqual(code, 2)

    def test_a_tool_that_looked_at_no_program_fails(self):
        code, verdicts, _ = self.run_script("""
            step looked 5 printing "SUMMARY: 0 " echo ERROR SUMMARY: 0 errors
            step found 5 printing "SUMMARY: 0 " echo ERROR SUMMARY: 10 errors
            step ended 5 printing "SUMMARY: 0 " sh -c 'echo ERROR SUMMARY: 0 errors; exit 9'
            finish""")
        self.assertEqual(verdicts, {"looked": "passed", "found": "FAILED (code 1)", "ended": "FAILED (code 9)"})
        self.assertEqual(code, 2)

    def test_the_limits_of_a_call_add_up(self):
        for name, rest, in_call_1 in (("engine", 60, set()), ("networks", 60, {"build"})):
            text = (GPU / name).read_text()
            steps = re.findall(r"^ *(?:device_)?step ([\w-]+) (\d+) [^&\n]*$", text.replace("\\\n", ""), re.MULTILINE)
            background = set(re.findall(r"step ([\w-]+)", re.search(r"background\(\) \{(.*?)\n\}", text, re.DOTALL)[1])
                             if "background()" in text else []) | in_call_1
            if name == "engine":
                steps.append(("sanitizers", re.search(r"step sanitizer-\$tool (\d+)", text)[1]))
            needed = sum(int(limit) for step, limit in steps if step not in background)
            self.assertGreater(len(steps), 5)
            self.assertLessEqual(needed + rest, int(re.search(r"budget=(\d+)", text)[1]), name)


class Peers(unittest.TestCase):
    """compare.py's Peer."""

    def answer_of(self, text):
        """What a program in Python answers to a seed."""
        compare = program("compare.py")
        compare.LONGEST_ANSWER = 2
        peer = compare.Peer([sys.executable, "-c", text])
        try:
            peer.measure(1)
            return peer.answers
        finally:
            peer.process.kill()
            peer.process.stdin.close()
            peer.process.stdout.close()
            peer.messages.close()
            peer.process.wait()

    def test_an_answer_is_read(self):
        self.assertEqual(self.answer_of("input(); print('{}')"), [{}])

    def test_a_program_that_hangs_or_prints_something_else_is_given_up(self):
        for text, reason in (("import time; time.sleep(60)", "no answer within 2 s"), ("print('hello')", "printed hello"),
                             ("raise SystemExit('no device')", "no device")):
            with self.assertRaisesRegex(RuntimeError, reason):
                self.answer_of(text)


class Build(Folder):
    """`build`, with a PyTorch that has nothing but libraries without content."""

    def setUp(self):
        super().setUp()
        self.kit = self.folder / "kit"
        self.torch = self.folder / "site" / "torch"
        for place in (self.kit / "bin", self.torch / "include", self.torch / "lib"):
            place.mkdir(parents=True)
        (self.torch / "__init__.py").touch()
        (self.folder / "good.cpp").write_text("int main() { return 0; }\n")
        (self.folder / "bad.cpp").write_text("int main() { return nothing; }\n")

    def library(self, name):
        subprocess.run(["g++", "-shared", "-x", "c++", "-o", self.torch / "lib" / name, f"-Wl,-soname,{name}", "-"], input="", text=True,
                       check=True)

    def build(self, name, sources, programs):
        """(exit code, what it printed) where the list called `name` has these."""
        self.kit.joinpath(name).write_text(json.dumps({
            "objects": {f"{source}.o": [str(self.folder / f"{source}.cpp")] for source in sources},
            "programs": {program: [f"{{object}}/{source}.o", *libraries] for program, source, *libraries in programs}}))
        done = subprocess.run([sys.executable, GPU / "build", "--kit", self.kit, "--objects", self.folder / "objects"], cwd=self.folder,
                              env=os.environ | {"PYTHONPATH": str(self.folder / "site")}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def test_a_source_that_does_not_compile_costs_only_its_programs(self):
        code, printed = self.build("cpu.json", ["good", "bad"], [["works", "good"], ["does-not", "bad"]])
        self.assertEqual(code, 1)
        self.assertRegex(printed, "nothing.* was not declared")
        self.assertRegex(printed, "does-not is not linked: there is no .*bad.o")
        subprocess.run([self.kit / "bin" / "works"], check=True)
        self.assertFalse((self.kit / "bin" / "does-not").exists())

    def test_with_cuda_programs_load_what_cudnn_opens(self):
        for name in ("libtorch_cuda.so", "libnvrtc.so.13", "libnvrtc-builtins.so.13.0"):
            self.library(name)
        code, printed = self.build("cuda.json", ["good"], [["works", "good", "{torch:torch_cuda}"]])
        self.assertEqual((code, printed), (0, f"1 objects, works on {self.torch}, with CUDA\n"))
        dynamic = subprocess.run(["readelf", "-d", self.kit / "bin" / "works"], stdout=subprocess.PIPE, text=True, check=True).stdout
        for name in ("libtorch_cuda.so", "libnvrtc.so.13", "libnvrtc-builtins.so.13.0"):
            self.assertIn(f"Shared library: [{name}]", dynamic)
        self.assertRegex(dynamic, rf"\(RPATH\).*{self.torch}/lib")


class Cases(unittest.TestCase):
    summary = "[doctest] test cases:  {} |  {} passed | {} failed | {} skipped\n"

    def test_a_run_that_tested_nothing_fails(self):
        judge = program("cases").judge
        self.assertEqual(judge(self.summary.format(2, 2, 0, 9), 0, True)[0], 0)
        self.assertEqual(judge(self.summary.format(0, 0, 0, 11), 0, False)[0], 9)
        self.assertEqual(judge(self.summary.format(2, 1, 1, 9), 1, False)[0], 1)
        self.assertEqual(judge("", 0, False)[0], 9)
        skipping = "MESSAGE: skipped: there is no CUDA driver\n" + self.summary.format(1, 1, 0, 0)
        self.assertEqual(judge(skipping, 0, False)[0], 0)
        self.assertEqual(judge(skipping, 0, True)[0], 9)

    def test_the_filters_of_both_calls_select_cases(self):
        programs = {"gpu_tests": os.environ["GPU_TESTS"], "nets_tests": os.environ.get("NETS_TESTS")}
        text = ((GPU / "engine").read_text() + (GPU / "networks").read_text()).replace("\\\n", "")
        filters = set(re.findall(r'(gpu_tests|nets_tests)" -tc="([^"]+)"', text))
        self.assertGreaterEqual(len(filters), 4)
        for name, wanted in filters:
            for part in wanted.split(",") if programs[name] else []:
                listed = subprocess.run([programs[name], "-ltc", "-ns", f"-tc={part}"], stdout=subprocess.PIPE, text=True).stdout
                self.assertIsNone(re.search("filters: 0$", listed, re.MULTILINE), f"{name} has no case {part}")

    def test_a_filter_that_selects_nothing_fails(self):
        done = subprocess.run([GPU / "cases", os.environ["GPU_TESTS"], "-tc=no such case"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 8)
        self.assertIn(b"select no test case", done.stderr)


@unittest.skipUnless(all(map(importlib.util.find_spec, ("numpy", "PIL"))), "needs NumPy and Pillow")
class Sprites(Folder):
    def test_what_is_packed_comes_out_again(self):
        import numpy
        sprites = program("sprites")
        records = numpy.random.default_rng(1).integers(0, 256, (2 * sprites.IMAGES, 3073), numpy.uint8)
        records[:, 40:] //= 64  # quicker to pack
        sprites.to_sprites(records, self.folder, "batch")
        self.assertEqual(len(list(self.folder.glob("batch-*.webp"))), 2)
        self.assertTrue((sprites.from_sprites(self.folder / "batch.labels") == records).all())

    def test_every_file_is_known(self):
        self.assertEqual(len(program("sprites").known_sums()), 6)


class Table1(Folder):
    def setUp(self):
        super().setUp()
        self.table1 = program("table1")
        self.run_folder, self.out = self.folder / "run", self.folder / "out"
        self.out.mkdir()
        self.table1.begin(ROOT / "experiments" / "networks" / "paper" / "table1.json", "float32", self.run_folder)
        (self.run_folder / "checkpoints").mkdir()
        for point in range(3):
            (self.run_folder / "checkpoints" / f"point-{point:04}.safetensors").write_bytes(os.urandom(5000))
        self.store = sqlite3.connect(self.run_folder / "results.sqlite")
        self.addCleanup(self.store.close)
        self.store.execute("PRAGMA journal_mode = WAL")
        self.store.execute("CREATE TABLE point (point INTEGER, finished INTEGER)")
        self.store.executemany("INSERT INTO point VALUES (?, ?)", [(0, 1), (1, 0), (2, 0)])
        self.store.commit()

    def test_what_is_saved_comes_back(self):
        self.table1.save(self.run_folder, self.out, 4096)
        sizes = [path.stat().st_size for path in sorted(self.out.iterdir())]
        self.assertGreater(len(sizes), 2)
        self.assertLessEqual(max(sizes), 4096)
        there = self.folder / "there"
        self.table1.restore(self.out, there)
        # The finished training needs no checkpoint.
        self.assertEqual(sorted(path.name for path in (there / "checkpoints").iterdir()),
                         ["point-0001.safetensors", "point-0002.safetensors"])
        for path in [*(there / "checkpoints").iterdir(), there / "spec.json"]:
            self.assertEqual(path.read_bytes(), (self.run_folder / path.relative_to(there)).read_bytes())
        with contextlib.closing(sqlite3.connect(there / "results.sqlite")) as store:
            self.assertEqual(store.execute("SELECT count(*) FROM point").fetchone(), (3,))

    def test_a_smaller_save_leaves_no_part_of_a_larger_one(self):
        self.table1.save(self.run_folder, self.out, 2048)
        (self.run_folder / "checkpoints" / "point-0001.safetensors").unlink()
        self.table1.save(self.run_folder, self.out, 4096)
        self.assertEqual({path.stat().st_size for path in sorted(self.out.iterdir())[:-1]}, {4096})
        self.table1.restore(self.out, self.folder / "there")
        self.assertEqual(len(list((self.folder / "there" / "checkpoints").iterdir())), 1)

    def test_nothing_to_restore_is_said(self):
        with self.assertRaisesRegex(SystemExit, "has no table1.tgz.00"):
            self.table1.restore(self.out, self.folder / "there")


class Lists(Folder):
    """What kit.py takes from CMake, for a LibTorch with CUDA and one without."""

    def lists(self, cuda):
        """(kit, its tree) as it would be, without anything built or copied."""
        kit = program("kit.py")
        tree = self.folder / ("cuda" if cuda else "cpu")
        (tree / ".cmake/api/v1/query").mkdir(parents=True)
        (tree / ".cmake/api/v1/query/codemodel-v2").touch()
        subprocess.run(["cmake", "-S", ROOT, "-B", tree, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBNCOLLAPSE_CUDA=AUTO",
                        "-DBNCOLLAPSE_MPI=OFF", "-DBNCOLLAPSE_TORCH=ON", f"-DTorch_DIR={GPU / 'torch'}",
                        f"-DBNCOLLAPSE_STAND_IN_CUDA={'ON' if cuda else 'OFF'}"], check=True, stdout=subprocess.DEVNULL)
        return kit, kit.Tree(tree)

    def check_list(self, cuda):
        """LibTorch's libraries are found there, and what is compiled here includes nothing of it, at any depth."""
        kit, tree = self.lists(cuda)
        there, here = set(), {}  # {arguments: sources}
        for name in ("bncollapse-networks", "nets_tests", "bench_networks"):
            parts = tree.parts(tree.targets[name])
            libraries = {part.name for part in parts if part.kind == "library" and part.libtorch}
            self.assertEqual(libraries, {"torch", "torch_cpu", "c10"} | ({"torch_cuda", "c10_cuda", "cudart"} if cuda else set()))
            for part in parts:
                if part.kind == "object" and part.libtorch:
                    there.add(part.source)
                elif part.kind == "object" and part.group and part.group["language"] == "CXX":
                    *arguments, source = kit.Kit(tree, self.folder / "kit").compile_arguments(part.source, part.group)
                    here.setdefault(tuple(arguments), set()).add(source)
        self.assertGreater(len(there), 15)
        self.assertGreater(sum(map(len, here.values())), 50)
        for arguments, sources in here.items():
            self.assertEqual(kit.missing_headers([*arguments, *sources]) & kit.OF_LIBTORCH, set())

    def test_sources_on_libtorch_with_cuda_are_compiled_there(self):
        self.check_list(True)

    def test_sources_on_libtorch_without_cuda_are_compiled_there(self):
        self.check_list(False)


if __name__ == "__main__":
    result = unittest.main(argv=[sys.argv[0], "-q", *sys.argv[1:]], exit=False).result
    whole = result.testsRun > 0 and result.wasSuccessful()
    sys.exit(SKIPPED if whole and len(result.skipped) == result.testsRun else 0 if whole else 1)
